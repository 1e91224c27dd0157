"""Picklists of the Common Data Service: members by name, numbered from 0 in the order of the list."""

from __future__ import annotations

from p2c.edm.declare import members
from p2c.edm.property import Choices


def _listed(name: str, names: str) -> Choices:
    """A long picklist from its members in one text."""
    return members(name, *names.split())


ACCOUNT_STATUS = members("AccountStatus", "Active", "Inactive")

COUNTRY_CODE = _listed(
    "CountryCode",
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
    BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
    ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT
    HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS
    LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI
    NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG
    SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG
    UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
    """,
)
"""ISO 3166 alpha-2, and XK, which the ISO list leaves to its users and everybody uses for Kosovo."""

CURRENCY_CODE = _listed(
    "CurrencyCode",
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN
    BYR BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR
    FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES
    KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRO MUR MVR MWK
    MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
    SCR SDG SEK SGD SHP SLL SOS SRD SSP STD SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD
    USN UYI UYU UZS VEF VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XDR XOF XPD XPF XPT XSU XTS XUA XXX
    YER ZAR ZMW ZWL
    """,
)

FREIGHT_TERMS = members("FreightTerms", "FOB", "NoCharge")

GENDER = members("Gender", "Female", "Male", "Nonspecific", "NotSpecified")

INDUSTRY_CODE = _listed(
    "IndustryCode",
    """
    Accounting Agriculture BroadcastingPrintingPublishing Brokers BuildingSupplyRetail BusinessServices
    Consulting ConsumerServices DesignCreativeManagement DistributorsDispatchersProcessors
    DoctorOfficesClinics DurableManufacturing EatingDrinkingPlaces EntertainmentRetail
    EquipmentRentalLeasing Financial FoodTobaccoProcessing InboundCapitalIntensiveProcessing
    InboundRepairServices Insurance LegalServices NonDurableMerchandiseRetail NotSpecified
    OutboundConsumerService Petrochemicals ServiceRetail SIGAffiliations SocialServices
    SpecialOutboundTradeContractors SpecialtyRealty Transportation UtilityCreationDistribution
    VehicleRetail Wholesale
    """,
)

INVOICE_LINE_STATUS = members("InvoiceLineStatus", "Active", "Confirmed", "Invoice", "PackingSlip", "Quote")

INVOICE_STATUS = members("InvoiceStatus", "Cancelled", "Created", "Hold", "Paid")

MARITAL_STATUS = members("MaritalStatus", "Divorced", "Married", "None", "Single", "Widowed")

ORDER_LINE_STATUS = members("OrderLineStatus", "Active", "Confirmed", "Invoice", "PackingSlip", "Quote")

ORDER_STATUS = members(
    "OrderStatus",
    "Active",
    "Cancelled",
    "Confirmed",
    "Invoice",
    "PackingSlip",
    "PartiallyInvoiced",
    "PartiallyPacked",
    "PartiallyPicked",
    "PartiallyShipped",
    "Picked",
    "Quote",
    "Shipped",
)

ORGANIZATION_STATUS = members("OrganizationStatus", "Active", "Inactive")

ORGANIZATION_TYPE = members("OrganizationType", "Corporation", "Government", "NonProfit", "Other")

PARTY_TYPE = members("PartyType", "Group", "Organization", "Person")

PAYMENT_TERMS = members("PaymentTerms", "Net30", "Net45", "Net60", "TwoPercent10Net30")

PRIMARY_ACCOUNT_ROLE = members("PrimaryAccountRole", "DecisionMaker", "Employee", "Influencer")

PRODUCT_STATUS = members("ProductStatus", "Active", "Inactive")

PRODUCT_TYPE = members("ProductType", "Item", "Service")

QUOTATION_LINE_STATUS = members("QuotationLineStatus", "Active", "Closed", "Draft", "Won")

QUOTATION_LINE_STATUS_REASON = members(
    "QuotationLineStatusReason", "Active", "Cancelled", "Lost", "Open", "Revised", "Won"
)

QUOTATION_STATUS = members("QuotationStatus", "Active", "Closed", "Draft", "Won")

QUOTATION_STATUS_REASON = members("QuotationStatusReason", "Active", "Cancelled", "Lost", "Open", "Revised", "Won")

# The misspelling is the public name.
QUOTATION_TYPE = members("QuotationType", "Maintainence", "Product", "Service")

SHIPPING_METHOD = members("ShippingMethod", "AirBorne", "DHL", "Fedex", "PostalMail", "UPS")

SOCIAL_NETWORK = members("SocialNetwork", "Facebook", "Konnects", "LinkedIn", "Myspace", "Twitter", "XING")

SOURCE = members(
    "Source",
    "Attract",
    "CustomerEngagement",
    "Default",
    "Finance",
    "Gauge",
    "Greenhouse",
    "iCIMS",
    "LinkedIn",
    "Onboarding",
    "Operations",
    "Talent",
)

STATUS = members("Status", "Active", "Inactive")

STOCK_EXCHANGE = members(
    "StockExchange",
    "BMESpanishExchanges",
    "Euronext",
    "FrankfurtStockExchange",
    "HongKongStockExchange",
    "ItalianStockExchange",
    "KoreaExchange",
    "LondonStockExchange",
    "NASDAQ",
    "NYSE",
    "OMXNordicExchanges",
    "ShanghaiStockExchange",
    "ShenzhenStockExchange",
    "SWXSwissExchange",
    "TokyoStockExchange",
    "TorontoStockExchange",
)

UNIT_OF_MEASURE = _listed(
    "UnitOfMeasure",
    """
    Bag Box Bucket Centilitre Centimeter CubicCentimeter CubicFeet CubicInch CubicMeter CubicMillimeter
    CubicYard Day Deciliter DegreesBrix Dozen Each Feet FluidOunce Gallon GigaByte Gram HalfCubicInch
    HalfInch HalfPint HalfPound HalfSquareInch Hour Inch Keg Kilogram Kilometer KilowattHour Litre Meter
    Mgpx Mile Milligram Millilitre Millimeter Minute Month Ohm OneEighthCubicInch OneEighthInch
    OneEighthSquareInch Option Ounce Pair Pallet PascalSecond Percentage pHValue Piece Pint Pound Quart
    QuarterCubicInch QuarterInch QuarterPound QuarterSquareInch Second SetOfEquipment SquareCentimeter
    SquareFeet SquareInch SquareMeter SquareMile SquareMillimeter SquareYard Ton Tray Yard
    """,
)
