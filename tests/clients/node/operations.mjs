// Works in Operations with @odata/client: `node operations.mjs STEP MARK`, with URL, COMPANY and TOKEN in the
// environment. What the step finds goes to standard output as JSON.
import { OData } from "@odata/client";

const { URL: serviceEndpoint, COMPANY: dataAreaId, TOKEN } = process.env;
const [step, mark] = process.argv.slice(2);
const client = OData.New4({ serviceEndpoint, commonHeaders: { Authorization: `Bearer ${TOKEN}` } });
const groups = client.getEntitySet("CustomerGroups");
const key = (number) => ({ dataAreaId, CustomerGroupId: `${mark}${number}` });
const ours = () => client.newFilter().property("CustomerGroupId").gt(mark).property("CustomerGroupId").lt(`${mark}Z`);
const request = (method, number, entity) =>
  client.newBatchRequest({ collection: "CustomerGroups", id: key(number), method, entity });

const steps = {
  async keys() {
    const created = await groups.create({ ...key(1), Description: "one" });
    await groups.create({ ...key(2), Description: "two" });
    await groups.update(key(1), { Description: "changed" });
    const retrieved = await groups.retrieve(key(1));
    await groups.delete(key(2));
    return { created: created.Description, retrieved: retrieved.Description, left: await groups.count(ours()) };
  },

  async action() {
    const collection = "DataManagementDefinitionGroups/Microsoft.Dynamics.DataEntities.GetAzureWriteUrl";
    const answer = await client.newRequest({ collection, method: "POST", entity: { uniqueFileName: `${mark}.zip` } });
    return JSON.parse(answer.value);
  },

  async batch() {
    await groups.create({ ...key(1), Description: "one" });
    await groups.create({ ...key(2), Description: "two" });
    const answers = await client.execBatchRequests([
      request("PATCH", 1, { Description: "changed" }),
      request("DELETE", 2),
      client.newBatchRequest({ collection: "CustomerGroups", method: "POST", entity: key(3) }),
      request("GET", 1),
    ]);
    const read = await answers[3].json();
    return { statuses: answers.map((answer) => answer.status), read: read.Description };
  },
};

console.log(JSON.stringify(await steps[step]()));
