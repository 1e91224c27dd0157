from __future__ import annotations
import time
from tests.lab import *

def test_it(lab: Lab) -> None:
    t=time.time()
    found(lab, Company("nwnd","ORG001","Northwind","USD"))
    print(time.time()-t)
    print(lab.rows("operations","LegalEntities"))
    lab.stop("operations"); t=time.time(); lab.start("operations")
    lab.rows("operations","LegalEntities"); print(time.time()-t)
    run=lab.run("accounts")
    print(run)
