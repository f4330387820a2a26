"""Places that end an address in Mexico, Spain, Latin America, the United States and Britain. Written by hand.

They lengthen an address that was found already; by itself none of them is an identifier.
"""

# ruff: noqa: E501 - word lists read better as text

from uncase_pipeline.anonymized.normalize import folded

_NAMES = (
    "México;CDMX;Ciudad de México;DF;Distrito Federal;Estado de México;Edomex;Guadalajara;Zapopan;Tlaquepaque;Tonalá;Jalisco;Monterrey;San Pedro Garza García"
    ";Guadalupe;Apodaca;San Nicolás de los Garza;Nuevo León;Puebla;Cholula;Tlaxcala;Querétaro;León;Irapuato;Celaya;Guanajuato;San Miguel de Allende;Toluca;Metepec"
    ";Naucalpan;Tlalnepantla;Ecatepec;Nezahualcóyotl;Tijuana;Mexicali;Ensenada;Baja California;La Paz;Los Cabos;Hermosillo;Sonora;Ciudad Obregón;Culiacán;Mazatlán"
    ";Sinaloa;Chihuahua;Ciudad Juárez;Juárez;Saltillo;Torreón;Coahuila;Durango;Zacatecas;San Luis Potosí;Aguascalientes;Tampico;Reynosa;Matamoros;Nuevo Laredo"
    ";Tamaulipas;Veracruz;Xalapa;Coatzacoalcos;Orizaba;Pachuca;Hidalgo;Cuernavaca;Morelos;Acapulco;Chilpancingo;Guerrero;Morelia;Uruapan;Michoacán;Colima;Manzanillo"
    ";Tepic;Nayarit;Puerto Vallarta;Oaxaca;Tuxtla Gutiérrez;Tapachula;Chiapas;Villahermosa;Tabasco;Campeche;Mérida;Yucatán;Cancún;Playa del Carmen;Quintana Roo;Chetumal"
    ";Coyoacán;Iztapalapa;Benito Juárez;Cuauhtémoc;Miguel Hidalgo;Álvaro Obregón;Tlalpan;Xochimilco;Azcapotzalco;Polanco;Roma Norte;Condesa"
    ";Madrid;Barcelona;Valencia;Sevilla;Zaragoza;Málaga;Murcia;Palma;Palma de Mallorca;Las Palmas;Bilbao;Alicante;Córdoba;Valladolid;Vigo;Gijón;Oviedo;Granada"
    ";A Coruña;La Coruña;Vitoria;Elche;Santander;Pamplona;Almería;San Sebastián;Donostia;Burgos;Albacete;Castellón;Logroño;Badajoz;Salamanca;Huelva;Lleida;Tarragona"
    ";Girona;Cádiz;Jaén;Ourense;Lugo;Toledo;Cáceres;Segovia;Ávila;Cuenca;Soria;Teruel;Huesca;Palencia;Zamora;Ciudad Real;Getafe;Alcalá de Henares"
    ";Leganés;Móstoles;Fuenlabrada;Alcorcón;Hospitalet;Badalona;Sabadell;Terrassa;Marbella;Jerez;Cartagena;Ibiza;Tenerife;Santa Cruz de Tenerife;España;Cataluña;Andalucía"
    ";Buenos Aires;CABA;Capital Federal;Rosario;Mendoza;La Plata;Mar del Plata;Tucumán;Salta;Santa Fe;Neuquén;Bahía Blanca;Quilmes;Lanús;Palermo;Argentina"
    ";Bogotá;Medellín;Cali;Barranquilla;Bucaramanga;Pereira;Manizales;Cúcuta;Ibagué;Santa Marta;Envigado;Antioquia;Cundinamarca;Colombia"
    ";Santiago;Santiago de Chile;Ñuñoa;Providencia;Las Condes;Vitacura;La Florida;Maipú;Puente Alto;Valparaíso;Viña del Mar;Concepción;Temuco;Antofagasta;Chile"
    ";Lima;Miraflores;San Isidro;Surco;Arequipa;Cusco;Trujillo;Callao;Perú;Quito;Guayaquil;Ecuador;Montevideo;Uruguay;Caracas;Maracaibo;Venezuela;Asunción;Panamá"
    ";San José;Costa Rica;Guatemala;Tegucigalpa;San Salvador;Managua;Santo Domingo;San Juan;Puerto Rico;Bolivia;Cochabamba;Santa Cruz"
    ";New York;NYC;Brooklyn;Queens;Bronx;Manhattan;Los Angeles;LA;Chicago;Houston;Phoenix;Philadelphia;San Antonio;San Diego;Dallas;Austin;Jacksonville;Fort Worth"
    ";Columbus;Charlotte;Indianapolis;San Francisco;Seattle;Denver;Washington;Nashville;Oklahoma City;El Paso;Boston;Portland;Las Vegas;Memphis;Detroit;Baltimore;Milwaukee"
    ";Albuquerque;Tucson;Fresno;Sacramento;Mesa;Kansas City;Atlanta;Omaha;Colorado Springs;Raleigh;Long Beach;Virginia Beach;Miami;Oakland;Minneapolis;Tulsa;Tampa"
    ";Arlington;New Orleans;Wichita;Cleveland;Bakersfield;Aurora;Anaheim;Honolulu;Santa Ana;Riverside;Corpus Christi;Lexington;Stockton;St Louis;Saint Paul;Henderson"
    ";Pittsburgh;Cincinnati;Anchorage;Greensboro;Plano;Newark;Lincoln;Orlando;Irvine;Jersey City;Chula Vista;Durham;Fort Wayne;St Petersburg;Laredo;Buffalo"
    ";Madison;Lubbock;Chandler;Reno;Scottsdale;Glendale;Spokane;Springfield;Salt Lake City;Boise;Richmond;Des Moines;Rochester;Tempe;Flagstaff;Salem;Eugene;USA"
    ";Alabama;Alaska;Arizona;Arkansas;California;Colorado;Connecticut;Delaware;Florida;Georgia;Hawaii;Idaho;Illinois;Indiana;Iowa;Kansas;Kentucky;Louisiana;Maine"
    ";Maryland;Massachusetts;Michigan;Minnesota;Mississippi;Missouri;Montana;Nebraska;Nevada;New Hampshire;New Jersey;New Mexico;North Carolina;North Dakota;Ohio"
    ";Oklahoma;Oregon;Pennsylvania;Rhode Island;South Carolina;South Dakota;Tennessee;Texas;Utah;Vermont;Virginia;West Virginia;Wisconsin;Wyoming"
    ";Centro;Centro Histórico;San Ángel;Del Valle;Narvarte;Nápoles;Doctores;Roma;Roma Sur;Lomas;Satélite;Chapinero;Usaquén;Suba;Laureles;El Poblado;Belgrano;Recoleta;Caballito;Almagro;San Telmo;Villa Crespo;Lince;Barranco;San Borja;La Molina;La Victoria;Jesús María;Magdalena;Breña"
    ";La Reina;Macul;Independencia;Quilicura;Estación Central;San Miguel;Chamberí;Vallecas;Carabanchel;Triana;Gràcia;Eixample;Asturias;Galicia;Cantabria;Navarra;La Rioja;Aragón;Extremadura;Castilla;Baleares;Canarias;Melilla;Ceuta;Vizcaya;Guipúzcoa;Álava;Pontevedra"
    ";Chubut;Ushuaia;Tierra del Fuego;Santiago del Estero;Chaco;Misiones;Corrientes;Formosa;Jujuy;Catamarca;San Luis;La Pampa;Río Negro;Entre Ríos;Posadas;Paraná;Resistencia;Comodoro Rivadavia"
    ";Valle del Cauca;Cauca;Boyacá;Caldas;Risaralda;Quindío;Tolima;Huila;Nariño;Meta;Atlántico;Bolívar;Cesar;Sucre;La Guajira;Caquetá;Casanare;Putumayo;Chocó;Arauca;Villavicencio;Neiva;Pasto;Popayán;Montería;Tunja;Valledupar;Armenia"
    ";London;Manchester;Birmingham;Leeds;Liverpool;Sheffield;Bristol;Glasgow;Edinburgh;Cardiff;Belfast;Leicester;Coventry;Bradford;Nottingham;Hull;Newcastle;Stoke"
    ";Southampton;Portsmouth;Derby;Plymouth;Wolverhampton;Reading;Northampton;Luton;Bolton;Bournemouth;Norwich;Swindon;Swansea;Southend;Oxford;Cambridge;York;Exeter"
    ";Gloucester;Bath;Brighton;Aberdeen;Dundee;Inverness;Ipswich;Preston;Sunderland;Blackpool;Middlesbrough;Peterborough;Warrington;Slough;Croydon;Chester"
    ";Lancaster;Carlisle;Worcester;Canterbury;Salisbury;Stirling;Perth;Kent;Surrey;Essex;Devon;Cornwall;Yorkshire;England;Scotland;Wales;UK;Dublin;Cork"
)

CITIES = frozenset(folded(name) for name in _NAMES.split(";"))
MOST_WORDS = max(name.count(" ") + 1 for name in CITIES)
