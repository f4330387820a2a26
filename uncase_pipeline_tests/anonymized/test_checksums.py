import pytest

from uncase_pipeline.anonymized import checksums

VALID = [
    (checksums.luhn, "4111 1111 1111 1111"),
    (checksums.iban, "ES91 2100 0418 4502 0005 1332"),
    (checksums.iban, "GB82WEST12345698765432"),
    (checksums.clabe, "032180000118359719"),
    (checksums.curp, "HEGG560427MVZRRL04"),
    (checksums.dni, "12345678Z"),
    (checksums.dni, "X1234567L"),
    (checksums.cpf, "529.982.247-25"),
    (checksums.vin, "1HGCM82633A004352"),
    (checksums.ssn, "123-45-6789"),
]


@pytest.mark.parametrize(("check", "code"), VALID)
def test_a_published_example_passes(check, code):
    assert check(code)


@pytest.mark.parametrize(("check", "code"), VALID[:-1])
def test_one_wrong_digit_fails(check, code):
    at = max(index for index, character in enumerate(code) if character.isdigit() and index < len(code) - 1)
    wrong = code[:at] + str((int(code[at]) + 1) % 10) + code[at + 1 :]
    assert not check(wrong)


@pytest.mark.parametrize(
    "check",
    [
        checksums.luhn,
        checksums.iban,
        checksums.clabe,
        checksums.curp,
        checksums.dni,
        checksums.cpf,
        checksums.vin,
    ],
)
@pytest.mark.parametrize("junk", ["", "abc", "0" * 16, "ñ" * 18])
def test_junk_fails_and_never_raises(check, junk):
    assert not check(junk)
