"""What the sample companies trade in: 150 products, known to all by number, and where each is released."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from p2c.sample_companies import COMPANIES, CZECH, HUNGARIAN, SWEDISH, SampleCompany


@dataclass(frozen=True, slots=True)
class Traded:
    """
    One product; `euros` is the price of one sales unit, of which stock is kept in `inventory_unit`.

    `sellable` is False for the products that some part of the flow refuses.
    """

    number: str
    name: str
    group: str
    sales_unit: str
    inventory_unit: str
    euros: Decimal
    companies: tuple[SampleCompany, ...]
    sellable: bool = True

    def price(self, company: SampleCompany) -> Decimal:
        """The price of one sales unit in the company's currency, rounded to it."""
        return in_currency(self.euros, company)


def in_currency(euros: Decimal, company: SampleCompany) -> Decimal:
    """An amount in euros as an amount of the company, rounded to the decimals of its prices."""
    return (euros * company.rate).quantize(Decimal(1).scaleb(-company.decimals), ROUND_HALF_UP)


_LINES = """
FOOD box ea 34.80 Olomoucké tvarůžky | 125 g | 200 g | 400 g
FOOD box ea 28.50 Karlovarské oplatky | vanilkové | čokoládové | lískooříškové
FOOD box ea 61.20 Štramberské uši | 8 kusů | 16 kusů | dárkové balení
FOOD kg kg 9.40 Uzený pstruh z Třeboňska | celý | filety | v bylinkách
FOOD kg kg 14.90 Čerstvě pražená káva | Etiopie | Kolumbie | směs Přístav
FOOD l l 6.70 Medovina z Vysočiny | tradiční | višňová | ořechová
FOOD dz ea 19.90 Šípková zavařenina 340 g | jemná | s kousky | bez přidaného cukru
FOOD box ea 88.00 Tokaji aszú 0,5 l | 3 puttonyos | 5 puttonyos | 6 puttonyos
FOOD kg kg 18.60 Fűszerpaprika Szegedről | édesnemes | csípős | füstölt
FOOD kg kg 21.30 Téliszalámi | klasszikus | csemege | kézműves
FOOD dz ea 23.50 Erős gyümölcsízű lekvár | sárgabarack | szilva | meggy
FOOD l l 12.80 Hidegen sajtolt tökmagolaj | szűretlen | szűrt | pörkölt magból
FOOD kg kg 7.90 Őrölt mák és darált dió | mák | dió | vegyes
FOOD box ea 26.40 Knäckebröd från Värmland | råg | sesam | havssalt
FOOD box ea 31.70 Ångkokta kräftor | dill | klassiska | extra stora
FOOD l l 8.20 Fläderblomssaft från Åland | ekologisk | koncentrat | utan socker
FOOD g g 0.08 Saffranstrådar | finmalda | hela trådar | premie
FOOD kg kg 11.60 Šakotis iš Dzūkijos | mažas | vidutinis | didelis
FOOD lb kg 10.20 Žemaitiškas rūkytas sūris | jaunas | brandintas | su kmynais
FOOD box ea 24.60 Kalevi šokolaadikarp | tõmmu | piimašokolaad | pähklitega
FOOD l l 5.40 Põdrasamblasiirup | klassikaline | sidruniga | mündiga
FOOD kg kg 13.70 Suitsuräim Pärnust | tervelt | filee | õlis
FOOD oz g 1.90 Žolelių arbata | čiobreliai | liepžiedžiai | šalpusniai
TOOL ea ea 48.90 Příklepová vrtačka | 550 W | 750 W | 1 100 W
TOOL ea ea 12.40 Kladivo s násadou z jasanu | 300 g | 500 g | 1 000 g
TOOL pcs pcs 3.15 Šroubovák křížový | PH1 | PH2 | PH3
TOOL box ea 17.80 Vruty do dřeva žlutý zinek | 4x40 | 5x60 | 6x80
TOOL ea ea 64.00 Akkus csavarbehajtó gép | 12 V | 18 V | 20 V
TOOL ea ea 21.70 Rozsdamentes csőfogó | 250 mm | 320 mm | 450 mm
TOOL m m 2.35 Erősített vízálló kötél | 8 mm | 12 mm | 16 mm
TOOL ea ea 39.50 Såg med härdade tänder | finsåg | grovsåg | lövsåg
TOOL pcs pcs 5.90 Måttband förstärkt | 3 m | 5 m | 8 m
TOOL ft m 1.45 Kätting galvaniserad | 4 mm | 6 mm | 8 mm
TOOL ea ea 27.30 Kirvis su uosio kotu | mažas | skaldymo | stogdengio
TOOL pr ea 7.60 Töökindad tugevdatud peopesaga | S | M | XL
FURN ea ea 189.00 Židle z ohýbaného buku | přírodní | mořená | čalouněná
FURN ea ea 412.00 Jídelní stůl z masivního dubu | 140 cm | 180 cm | 220 cm
FURN ea ea 265.00 Tömör tölgyfa könyvespolc | keskeny | széles | sarok
FURN ea ea 318.00 Fåtölj klädd i ull | grå | grön | naturvit
FURN ea ea 149.00 Sängbord i björk | lackerat | oljat | vitpigmenterat
FURN ea ea 96.00 Käsitsi valmistatud kiiktool | lastele | täiskasvanule | pehmendusega
HOME pr ea 34.20 Lněné ložní povlečení | šedé | béžové | modré
HOME box ea 43.80 Broušené křišťálové sklenice | víno | voda | likér
HOME ea ea 58.00 Hollóházi kézzel festett váza | kicsi | közepes | nagy
HOME ea ea 22.90 Ljusstake i smitt järn | låg | hög | väggfäste
HOME m m 16.40 Lininis audinys staltiesėms | natūralus | baltas | žalsvas
GARD pl box 620.00 Kerti virágföld raklapon | általános | savanyú | palántázó
GARD gal l 18.90 Ekologisk gödsel flytande | tomat | gräsmatta | rosor
SERV hr hr 46.00 Montáž nábytku u zákazníka | všední den | víkend | výškové práce
SERV day day 390.00 Hyra av släpvagn med förare | liten | mellan | stor
"""

_EVERYWHERE = COMPANIES
_RELEASES = (
    _EVERYWHERE,
    (CZECH, HUNGARIAN),
    _EVERYWHERE,
    (CZECH, SWEDISH),
    (HUNGARIAN, SWEDISH),
    _EVERYWHERE,
    (CZECH,),
    (HUNGARIAN,),
    (SWEDISH,),
)
_DEARER = (Decimal(1), Decimal("1.35"), Decimal("1.80"))


def _products() -> tuple[Traded, ...]:
    products: list[Traded] = []
    for line in _LINES.strip().splitlines():
        stem, *variants = (part.strip() for part in line.split("|"))
        group, sales_unit, inventory_unit, euros, name = stem.split(" ", 4)
        for variant, factor in zip(variants, _DEARER, strict=True):
            position = len(products)
            products.append(
                Traded(
                    number=f"{group}-{position + 1:04d}",
                    name=f"{name}, {variant}",
                    group=group,
                    sales_unit=sales_unit,
                    inventory_unit=inventory_unit,
                    euros=(Decimal(euros) * factor).quantize(Decimal("0.01"), ROUND_HALF_UP),
                    companies=_RELEASES[position % len(_RELEASES)],
                )
            )
    return tuple(products)


def _flawed(number: str, name: str, sales_unit: str, inventory_unit: str) -> Traded:
    euros = Decimal("15.00")
    return Traded(number, name, number.partition("-")[0], sales_unit, inventory_unit, euros, (CZECH,), False)


CATALOGUE = _products()

WITHOUT_MODEL_GROUP = _flawed("HOME-0901", "Skleněná těžítka bez skupiny modelů", "ea", "ea")
OBSOLETE = _flawed("TOOL-0902", "Ruční nebozez, prodej ukončen", "ea", "ea")
WITHOUT_CONVERSION = _flawed("GARD-0903", "Rašelina na paletách bez převodu jednotek", "pl", "kg")
UNKNOWN_UNIT = _flawed("HOME-0904", "Ručně tištěné tapety v rolích", "rl", "rl")

FLAWED = (WITHOUT_MODEL_GROUP, OBSOLETE, WITHOUT_CONVERSION, UNKNOWN_UNIT)
"""Products that stay behind: three are not sellable, the last has a unit that only Operations knows."""


def sold_by(company: SampleCompany) -> tuple[Traded, ...]:
    """What the company may sell, by product number."""
    return tuple(product for product in CATALOGUE if company in product.companies)


def not_sold_by(company: SampleCompany) -> Traded:
    """The first product that others sell and this company does not."""
    return next(product for product in CATALOGUE if company not in product.companies)
