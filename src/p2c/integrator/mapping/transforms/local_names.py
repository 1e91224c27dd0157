"""Names of countries in their own official languages, as far as no other language of the index has them.

Taken from Unicode CLDR. Loading them from Babel would keep the data of 168 languages in memory, 90 MB, for
these few lines; a test compares the two.
"""
# ruff: noqa: RUF001 - letters of other scripts are meant

from __future__ import annotations

_NAMES = """
AE الإمارات العربية المتحدة
AF افغانستان
AF Owganystan
AL Shqipëri
AM Հայաստան
AT Avstrija
AZ Azərbaycan
AZ Азәрбајҹан
BA Bosna i Hercegovina
BA Босна и Херцеговина
BD বাংলাদেশ
BG България
BH البحرين
BI Uburundi
BN بروني
BQ Caribisch Nederland
BR Brazile
BT འབྲུག
BY Беларусь
CA ᑲᓇᑕᒥ
CD Jamhuri ya Kidemokrasia ya Kongo
CD Republíki ya Kongó Demokratíki
CF Ködörösêse tî Bêafrîka
CH Schwiiz
CH Svizra
CN 中国
CN جۇڭگو
CN Cunghgoz
CN རྒྱ་ནག
CN 중국
CW Kòrsou
CY Κύπρος
CY Kıbrıs
DE Tjiisklun
DJ جيبوتي
DK Danmarki
DZ الجزائر
EG مصر
EH الصحراء الغربية
ER ኤርትራ
ER إريتريا
ES Espanya
ES Espainia
ET ኢትዮጵያ
FI Lääʹddjânnam
FO Føroyar
GB Y Deyrnas Unedig
GB an Ríocht Aontaithe
GB An Rìoghachd Aonaichte
GE საქართველო
GE Қырҭтәыла
GE Гуырдзыстон
GH Gaana
GH Ghana nutome
GL Kalaallit Nunaat
GR Ελλάδα
HK 中國香港特別行政區
HR Hrvatska
HR Croasia
IL ישראל
IL إسرائيل
IM Ellan Vannin
IN भारत
IN ভারত
IN భారతదేశం
IN இந்தியா
IN بھارت
IN ભારત
IN ಭಾರತ
IN ഇന്ത്യ
IN ଭାରତ
IN ਭਾਰਤ
IN ভাৰত
IN ᱤᱱᱰᱤᱭᱟ
IN ہِندوستان
IN ڀارت
IQ العراق
IQ عێراق
IR ایران
JO الأردن
JP 日本
KG Кыргызстан
KG Киргизия
KH កម្ពុជា
KM جزر القمر
KP 북한
KR 대한민국
KW الكويت
KZ Казахстан
KZ Қазақстан
LA ລາວ
LB لبنان
LI Liächteschtäi
LK ශ්‍රී ලංකාව
LK இலங்கை
LU Lëtzebuerg
LY ليبيا
MA المغرب
MA Meṛṛuk
MD Republica Moldova
ME Crna Gora
MG Madagasikara
MK Северна Македонија
MK Maqedonia e Veriut
MM မြန်မာ
MN Монгол
MO 中國澳門特別行政區
MR موريتانيا
MV ދިވެހި ރާއްޖެ
NG Nàìjíríà
NL Nederlân
NO Noreg
NO Norga
NP नेपाल
NZ Aotearoa
OM عُمان
PG Papua Niugini
PH Pilipinas
PK پاکستان
PS الأراضي الفلسطينية
QA قطر
RS Србија
RS Srbija
RS Сербія
RU Россия
RU Росси
RU Арассыыйа
RU Рузонь мастор
RU Русија
RW U Rwanda
SA المملكة العربية السعودية
SD السودان
SG 新加坡
SG சிங்கப்பூர்
SI Zlovenia
SN Senegaal
SO Soomaaliya
SO الصومال
SY سوريا
TD تشاد
TH ไทย
TJ Тоҷикистон
TN تونس
TW 台灣
UA Україна
UA Украина
US ʻAmelika Hui Pū ʻIa
UZ Oʻzbekiston
UZ Ўзбекистон
YE اليمن
ZA iNingizimu Afrika
ZA EMzantsi Afrika
ZA Suid-Afrika
ZA Afrika Borwa
ZA Aforika Borwa
XK Kosovë
XK Косово
"""

LOCAL_NAMES = tuple((line[3:], line[:2]) for line in _NAMES.strip().splitlines())
"""Pairs of name and alpha-2 code."""
