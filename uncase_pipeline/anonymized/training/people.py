"""Who the grammar's messages are about: names, nicknames, cities and organizations per language.

A fifth of the listed names, by checksum, is kept out of training, so that the benchmark can use names that the
model never saw.
"""

# ruff: noqa: E501, SIM905 - word lists read better as text, patterns on one line

import importlib
import tomllib
import zlib
from collections.abc import Iterable
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from uncase_pipeline.anonymized.normalize import folded
from uncase_pipeline.anonymized.training.grammar import Names

_LOCALES = {
    "es": ("es_MX", "es_ES", "es_AR", "es_CO", "es_CL", "es_ES", "es_MX", "pt_BR", "it_IT"),
    "en": ("en_US", "en_GB", "en_US", "en_IE", "en_IN", "en_NZ", "de_DE", "fr_FR", "en_KE", "pl_PL", "nl_NL"),
}
FARTHER = (
    "en_IN", "en_PK", "en_NG", "en_KE", "ha_NG", "ig_NG", "yo_NG", "zu_ZA", "tw_GH", "sw", "fr_DZ", "id_ID", "en_TH", "tr_TR",
    "uz_UZ", "az_AZ", "ga_IE", "ja_JP", "zh_CN", "zh_TW",
)  # fmt: skip
NICKNAMES = {
    "es": (
        "Pepe Paco Pancho Lupita Lupe Chuy Nacho Toño Beto Memo Quique Kike Chema Charo Pili Lola Loli Conchita Concha"
        " Nando Fer Dani Santi Javi Rafa Rafita Lalo Nico Tere Tita Chela Chelo Chayo Mari Maru Malú Manolo Manu Curro"
        " Paquita Paqui Merche Mercha Yoli Susi Caro Vero Isa Ale Alex Andy Gabi Gaby Juli Juanito Juancho Luisito"
        " Carlitos Toni Tono Nena Güero Chino Checo Goyo Poncho Rodri Seba Mati Maxi Fede Agus Guille Cuca Cuco Tavo"
        " Gus Mau Sofi Vale Xime Dany Karlita Betty Lety Licha Meche Mago Magos Nati Pato Queta Rosita Anita Elenita"
        " Migue Migueli Joselito Josemi Juanma Juanjo Chus Txema Patxi Iñaki Joxe Xavi Quim"
    ).split(),
    "en": (
        "Bob Bobby Bill Billy Liz Lizzie Beth Betty Kate Katie Kathy Jim Jimmy Joe Joey Tom Tommy Mike Mikey Dave Dan"
        " Danny Ed Eddie Ted Teddy Rob Robbie Ron Ronnie Steve Stevie Sam Sammy Tony Andy Alex Matt Chris Nick Rick"
        " Ricky Dick Jack Johnny Jenny Jen Jess Jessie Becky Debbie Deb Barb Sue Susie Patty Pat Trish Peggy Maggie Meg"
        " Mandy Cindy Sandy Vicky Vic Val Gabby Abby Ellie Nell Nellie Molly Polly Sally Kim Kimmy Ken Kenny Larry"
        " Lenny Leo Lou Max Monty Ned Ollie Pete Phil Ray Reggie Rudy Sid Stan Stu Terry Tim Timmy Toby Tina Trudy Wes"
        " Zack Zoe Josh Jake Zeke Gus Hank Harry Charlie Chuck Frankie Freddie Greg Jeff Geoff Gerry Jerry Dot Dottie"
    ).split(),
}
_CITIES = {
    "es": (
        "Madrid;Barcelona;Sevilla;Valencia;Bilbao;Zaragoza;Málaga;Murcia;Ciudad de México;CDMX;Guadalajara;Monterrey"
        ";Puebla;Querétaro;León;Toluca;Tijuana;Mérida;Cancún;Veracruz;Oaxaca;Morelia;Bogotá;Medellín;Cali;Lima"
        ";Santiago;Buenos Aires;Córdoba;Rosario;Quito;Guayaquil;Montevideo;La Paz;San José;Panamá;Polanco;Coyoacán"
        ";Iztapalapa;Vallecas;Chamberí;San Luis Potosí;Aguascalientes;Granada;Salamanca;Toledo;Vigo;Gijón;Alicante"
    ).split(";"),
    "en": (
        "New York;Los Angeles;Chicago;Houston;Phoenix;Dallas;Austin;San Diego;San Jose;Seattle;Denver;Boston;Miami"
        ";Atlanta;Portland;Charlotte;Madison;Jackson;Lincoln;London;Manchester;Leeds;Bristol;Dublin;Cork;Sydney"
        ";Melbourne;Toronto;Vancouver;Brooklyn;Queens;Springfield;Orlando;Tampa;Oakland;Fremont;Berkeley;San Francisco"
    ).split(";"),
}
_ORGANIZATIONS = {
    "es": (
        "BBVA;Santander;Banamex;Bancomer;IMSS;ISSSTE;Telcel;Movistar;GNP;AXA;Mapfre;Qualitas;Liverpool;Coppel;Elektra"
        ";El Corte Inglés;Mercadona;Hospital General;Hospital La Paz;Clínica Universitaria;Hospital Vall d'Hebron;UNAM"
        ";Infonavit;SAT;Iberdrola;CFE;Amazon;Mercado Libre;Grupo Álvarez;Autos del Norte;Universidad de Navarra"
    ).split(";"),
    "en": (
        "Chase;Wells Fargo;Bank of America;Citi;Barclays;HSBC;Monzo;Amazon;Walmart;Target;Costco;Best Buy;Geico"
        ";Progressive;State Farm;Allstate;Kaiser;Aetna;Blue Cross;Cigna;Mercy Hospital;St. Mary's Hospital;Mayo Clinic"
        ";Johns Hopkins;AT&T;Verizon;Comcast;Apple;Google;Netflix;Stanford University;Caterpillar;Siemens;Smith & Sons"
    ).split(";"),
}


def people() -> dict[str, Names]:
    """Return the names of both languages, without those that the benchmark keeps to itself."""
    return {language: _people(language) for language in ("es", "en")}


def _people(language: str) -> Names:
    def kept(names: Iterable[str]) -> list[str]:
        return [name for name in names if not reserved(name)]

    return Names(
        given=kept(_faker(language, "first_names", "first_names_female", "first_names_male")),
        family=kept(_faker(language, "last_names")),
        nick=[*NICKNAMES[language], *world()["nick"][language].split()],
        cities=_CITIES[language],
        organizations=_ORGANIZATIONS[language],
        world_given=kept(elsewhere("given")),
        world_family=kept(elsewhere("family")),
        word_given=kept(world()["given"]["words"].split()),
        word_family=kept(world()["family"]["words"].split()),
        compound=world()["compound"][language].split(";"),
    )


@cache
def world() -> dict[str, dict[str, str]]:
    """Return the names of ``world.toml``, as one text per group."""
    return tomllib.loads((Path(__file__).parent / "world.toml").read_text(encoding="utf-8"))


def elsewhere(kind: str) -> list[str]:
    """Return names of the world: those written by hand, and Faker's where it has them in Latin letters."""
    attributes = {
        "given": ("first_names", "first_names_female", "first_names_male", "first_romanized_names"),
        "family": ("last_names", "last_romanized_names"),
    }[kind]
    by_hand = chain.from_iterable(names.split() for group, names in world()[kind].items() if group != "words")
    return [*by_hand, *listed(FARTHER, attributes)]


def home_given_names() -> set[str]:
    """Return the folded given names of Spanish- and English-speaking countries."""
    names: set[str] = set()
    for locale in ("es_MX", "es_ES", "es_AR", "es_CO", "es_CL", "en_US", "en_GB", "en_IE", "en_NZ"):
        provider: Any = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for attribute in ("first_names", "first_names_female", "first_names_male"):
            value = getattr(provider, attribute, ())
            names |= {folded(name) for name in value} if isinstance(value, tuple | list | dict) else set()
    return names


def reserved(name: str) -> bool:
    """Return whether a name is kept out of training."""
    return zlib.crc32(name.lower().encode()) % 5 == 0


def _faker(language: str, *attributes: str) -> list[str]:
    """Return the names of the locales that speak a language, the first ones weighing more."""
    return listed(_LOCALES[language], attributes)


def listed(locales: tuple[str, ...], attributes: tuple[str, ...]) -> list[str]:
    """Return the names of Faker locales that are written in Latin letters."""
    found: list[str] = []
    for locale in locales:
        provider: Any = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for attribute in attributes:
            value = getattr(provider, attribute, ())
            if isinstance(value, tuple | list | dict):
                found += sorted({name for name in value if _is_plain(name)})
    return found


def _is_plain(name: str) -> bool:
    return name.replace("-", "").replace(" ", "").replace("'", "").isalpha() and name[0] < "\u0250"
