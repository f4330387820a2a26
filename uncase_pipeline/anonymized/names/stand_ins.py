"""Names that stand in for real ones: women's, men's and family names per language. Common ones on purpose."""

# ruff: noqa: SIM905 - word lists read better as text

STAND_INS: dict[str, tuple[list[str], list[str], list[str]]] = {
    "es": (
        (
            "Adriana Alicia Andrea Beatriz Camila Carla Carolina Cecilia Daniela Elena Fernanda Gabriela "
            "Inés Irene Isabel Julia Laura Lorena Lucía Marcela Mariana Marta Natalia Patricia Paula Raquel "
            "Sofía Teresa Valeria Verónica Ximena Yolanda"
        ).split(),
        (
            "Adrián Alberto Alejandro Álvaro Andrés Arturo Carlos César Daniel Diego Eduardo Emilio Enrique "
            "Esteban Fernando Gabriel Gonzalo Héctor Hugo Ignacio Javier Jorge Julio Luis Manuel Marcos "
            "Mateo Miguel Óscar Pablo Raúl Ricardo Sergio Tomás Víctor"
        ).split(),
        (
            "Aguilar Álvarez Arroyo Benítez Cabrera Campos Cárdenas Carrasco Castillo Cortés Domínguez "
            "Escobar Espinoza Estrada Fuentes Gallegos Garrido Guerrero Herrera Ibarra Jiménez Lozano "
            "Maldonado Medina Méndez Montes Navarro Ochoa Orozco Paredes Peralta Quintero Rivas Robles "
            "Salazar Sandoval Serrano Solís Trejo Valdez Vega Villanueva Zamora"
        ).split(),
    ),
    "en": (
        (
            "Abigail Alice Amanda Amy Angela Anna Barbara Carol Caroline Catherine Claire Deborah Diana "
            "Ellen Emily Emma Hannah Helen Jane Janet Jessica Julia Karen Laura Linda Lisa Lucy Megan Nancy "
            "Nicole Olivia Rachel Rebecca Sarah Susan Wendy"
        ).split(),
        (
            "Adam Alan Andrew Anthony Brian Charles Christopher Colin Daniel David Edward Eric Frank George "
            "Gregory Henry Ian James Jason Jeffrey John Joseph Kevin Martin Matthew Michael Nathan Patrick "
            "Paul Peter Philip Richard Robert Simon Stephen Thomas"
        ).split(),
        (
            "Adams Allen Anderson Bailey Barnes Bennett Campbell Carter Clark Collins Cooper Davies Edwards "
            "Evans Fletcher Foster Gibson Graham Griffin Hamilton Harris Hughes Jackson Jenkins Johnson "
            "Lawson Marshall Mitchell Morgan Morris Nelson Parker Phillips Reynolds Richardson Roberts "
            "Robinson Sanders Simpson Stewart Thompson Turner Walker Watson Wilson"
        ).split(),
    ),
}

NICKNAMES: dict[str, list[str]] = {
    "es": (
        "Pepe Paco Pancho Lupita Chuy Nacho Toño Beto Memo Quique Kike Chema Charo Lola Conchita Nando Javi Rafa "
        "Lalo Tere Chayo Malú Manolo Paquita Yoli Gaby Juanito Luisito Carlitos Checo Tavo Gus Lety Licha Meche"
    ).split(),
    "en": (
        "Bob Bobby Billy Liz Lizzie Beth Katie Kathy Jim Jimmy Joey Tommy Mikey Dave Danny Eddie Teddy Robbie "
        "Ronnie Stevie Sammy Becky Debbie Susie Patty Trish Peggy Maggie Mandy Cindy Vicky Abby Ellie Molly Timmy"
    ).split(),
}
"""Short and pet names, for the recall meter."""
