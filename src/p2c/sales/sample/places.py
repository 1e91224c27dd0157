"""Where sample customers sit: towns, streets, phone numbers and company names of five countries."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from faker import Faker


@dataclass(frozen=True, slots=True)
class Country:
    """
    One country.

    `spellings` are the ways in which sellers write its name. `towns` are (city, postal code, region);
    in `street` and the company `names` stand `{n}` for a number and `{word}` for a name.
    """

    locale: str
    spellings: tuple[str, ...]
    towns: tuple[tuple[str, str, str], ...]
    streets: tuple[str, ...]
    phone: str
    names: tuple[str, ...]
    trades: tuple[str, ...]


CZECHIA = Country(
    "cs_CZ",
    ("Česko", "Czech Republic", "CZ", "Česká republika", "CZE", "Czechia"),
    (
        ("Praha", "110 00", "PHA"), ("Brno", "602 00", "JHM"), ("Ostrava", "702 00", "MSK"),
        ("Plzeň", "301 00", "PLK"), ("České Budějovice", "370 01", "JHC"),
        ("Ústí nad Labem", "400 01", "ULK"),
        ("Hradec Králové", "500 03", "HKK"), ("Zlín", "760 01", "ZLK"), ("Třebíč", "674 01", "VYS"),
        ("Žďár nad Sázavou", "591 01", "VYS"), ("Kutná Hora", "284 01", "STC"), ("Děčín", "405 02", "ULK"),
    ),
    ("Příčná {n}", "Náměstí Míru {n}", "Dvořákova {n}", "Křížová {n}", "Na Růžku {n}", "Říční {n}"),
    "+420 6## ### ###",
    ("{word} {trade} s.r.o.", "{trade} {word} a.s.", "{word} a synové, spol. s r.o.", "{trade} {word}"),
    ("Pekařství", "Železářství", "Nábytek", "Zahradnictví", "Potraviny", "Truhlářství", "Řeznictví"),
)  # fmt: skip

HUNGARY = Country(
    "hu_HU",
    ("Magyarország", "Hungary", "HU", "HUN"),
    (
        ("Budapest", "1051", "BU"), ("Győr", "9021", "GS"), ("Pécs", "7621", "BA"), ("Szeged", "6720", "CS"),
        ("Székesfehérvár", "8000", "FE"), ("Kecskemét", "6000", "BK"), ("Nyíregyháza", "4400", "SZ"),
        ("Gödöllő", "2100", "PE"), ("Érd", "2030", "PE"), ("Veszprém", "8200", "VE"),
        ("Mosonmagyaróvár", "9200", "GS"), ("Hódmezővásárhely", "6800", "CS"),
    ),
    ("Széchenyi tér {n}.", "Petőfi Sándor utca {n}.", "Kossuth Lajos út {n}.", "Fő utca {n}."),
    "+36 1 ### ####",
    ("{word} {trade} Kft.", "{word} és Társa Bt.", "{trade} {word} Zrt.", "{word} {trade}"),
    ("Pékség", "Bútorház", "Kertészet", "Élelmiszer", "Borászat", "Vasbolt", "Fűszerüzlet", "Csemege"),
)  # fmt: skip

LITHUANIA = Country(
    "lt_LT",
    ("Lietuva", "Lithuania", "LT", "LTU"),
    (
        ("Vilnius", "LT-01103", "VL"), ("Kaunas", "LT-44280", "KU"), ("Klaipėda", "LT-91246", "KL"),
        ("Šiauliai", "LT-76298", "SA"), ("Panevėžys", "LT-35180", "PN"), ("Mažeikiai", "LT-89223", "TE"),
        ("Kėdainiai", "LT-57183", "KU"), ("Telšiai", "LT-87130", "TE"), ("Tauragė", "LT-72255", "TA"),
    ),
    ("Gedimino pr. {n}", "Laisvės al. {n}", "Žalgirio g. {n}", "Vytauto g. {n}", "Ąžuolų g. {n}"),
    "+370 6## #####",
    ("UAB „{word}“", "UAB „{word} {trade}“", "{word} ir partneriai, UAB", "AB „{word}“"),
    ("baldai", "kepykla", "sodininkystė", "prekyba", "įrankiai", "žuvys", "ūkis"),
)  # fmt: skip

ESTONIA = Country(
    "et_EE",
    ("Eesti", "Estonia", "EE", "EST"),
    (
        ("Tallinn", "10111", "HAR"), ("Tartu", "51007", "TAR"), ("Pärnu", "80010", "PAR"),
        ("Kohtla-Järve", "30328", "IDA"), ("Jõhvi", "41531", "IDA"), ("Võru", "65605", "VOR"),
        ("Põlva", "63308", "POL"), ("Türi", "72210", "JAR"), ("Kuressaare", "93813", "SAA"),
    ),
    ("Pikk tänav {n}", "Pärnu maantee {n}", "Õismäe tee {n}", "Jõe {n}", "Küütri {n}", "Tööstuse {n}"),
    "+372 5### ####",
    ("{word} {trade} OÜ", "{word} ja Pojad OÜ", "AS {word} {trade}", "{trade} {word} OÜ"),
    ("Kaubandus", "Mööbel", "Pagariäri", "Tööriistad", "Põllutalu", "Köögiviljad", "Käsitöö"),
)  # fmt: skip

SWEDEN = Country(
    "sv_SE",
    ("Sverige", "Sweden", "SE", "SWE"),
    (
        ("Stockholm", "111 29", "AB"), ("Göteborg", "411 05", "O"), ("Malmö", "211 20", "M"),
        ("Västerås", "722 11", "U"), ("Örebro", "702 11", "T"), ("Linköping", "582 24", "E"),
        ("Jönköping", "553 16", "F"), ("Umeå", "903 26", "AC"), ("Gävle", "803 20", "X"),
        ("Växjö", "352 30", "G"), ("Östersund", "831 34", "Z"), ("Skellefteå", "931 30", "AC"),
    ),
    ("Ängsgatan {n}", "Östra Hamngatan {n}", "Åsögatan {n}", "Sjövägen {n}", "Björkallén {n}"),
    "+46 8 ### ## ##",
    ("{word} {trade} AB", "{trade} {word} AB", "{word} & Söner AB", "{word}s {trade} HB"),
    ("Möbler", "Järnhandel", "Bageri", "Trädgård", "Livsmedel", "Färghandel", "Båtservice"),
)  # fmt: skip

COUNTRIES = {country.locale: country for country in (CZECHIA, HUNGARY, LITHUANIA, ESTONIA, SWEDEN)}


class Place:
    """Draws names, addresses and numbers of one country; the same ones in the same order for a seed."""

    def __init__(self, country: Country, seed: int) -> None:
        self.country = country
        self._fake = Faker(country.locale)
        self._fake.seed_instance(seed)
        self._random = Random(f"{country.locale}/{seed}")

    def company(self) -> str:
        """The name of a company."""
        pattern = self._random.choice(self.country.names)
        return pattern.format(word=self._fake.last_name(), trade=self._random.choice(self.country.trades))

    def person(self) -> tuple[str, str, int | None]:
        """First name, last name and gendercode; None where first names are not sorted by gender."""
        if self.country in (LITHUANIA, ESTONIA):
            return self._fake.first_name(), self._fake.last_name(), None
        if self._random.random() < 0.5:
            return self._fake.first_name_male(), self._fake.last_name_male(), 1
        return self._fake.first_name_female(), self._fake.last_name_female(), 2

    def phone(self) -> str:
        """A phone number with its country code."""
        return self._fake.numerify(self.country.phone)

    def address(self, prefix: str = "address1") -> dict[str, object]:
        """The columns of an address."""
        city, postal_code, region = self._random.choice(self.country.towns)
        street = self._random.choice(self.country.streets)
        return {
            f"{prefix}_line1": street.format(n=self._random.randint(1, 180)),
            f"{prefix}_city": city,
            f"{prefix}_stateorprovince": region,
            f"{prefix}_postalcode": postal_code,
            f"{prefix}_country": self._random.choice(self.country.spellings),
        }
