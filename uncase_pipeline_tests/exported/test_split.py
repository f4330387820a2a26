"""No subject and no seed stands on two sides."""

from hypothesis import given
from hypothesis import strategies as st

from uncase_pipeline.exported.split import SPLITS, Assignment, Families, Kin

KINS = st.lists(
    st.builds(
        Kin,
        subjects=st.lists(st.sampled_from("abcdef"), max_size=2).map(tuple),
        seed=st.none() | st.sampled_from(["s1", "s2", "s3", "s4"]),
        row=st.uuids().map(str),
    ),
    max_size=40,
)


def split_of(kins: list[Kin], salt: str = "1") -> dict[str, str]:
    families = Families()
    for kin in kins:
        families.add(kin)
    assignment = families.assignment(salt)
    return {kin.row: assignment.split(families.name(kin)) for kin in kins}


@given(KINS)
def test_rows_that_share_a_subject_or_a_seed_share_a_split(kins: list[Kin]) -> None:
    splits = split_of(kins)
    for one in kins:
        for other in kins:
            if set(one.keys()) & set(other.keys()):
                assert splits[one.row] == splits[other.row]


@given(KINS, st.randoms())
def test_the_order_of_rows_does_not_matter(kins: list[Kin], random: object) -> None:
    shuffled = list(kins)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert split_of(kins) == split_of(shuffled)


def test_a_family_is_joined_through_a_chain_of_rows() -> None:
    chain = [Kin(("a",), "s1", "1"), Kin(("b",), "s1", "2"), Kin(("b",), "s2", "3"), Kin((), "s2", "4")]
    assert len(set(split_of(chain).values())) == 1


def test_few_families_still_fill_every_split() -> None:
    for count in range(3, 12):
        splits = split_of([Kin((f"person{n}",), None, str(n)) for n in range(count)])
        assert set(splits.values()) == set(SPLITS)


def test_one_family_is_trained_on() -> None:
    assert set(split_of([Kin(("a",), None, "1"), Kin(("a",), None, "2")]).values()) == {"train"}


def test_the_shares_are_those_that_are_stated_and_a_family_stays_where_it_was() -> None:
    small = split_of([Kin((f"p{n}",), None, str(n)) for n in range(1_000)])
    large = split_of([Kin((f"p{n}",), None, str(n)) for n in range(3_000)])
    train = sum(split == "train" for split in large.values()) / len(large)
    assert 0.77 < train < 0.83
    assert all(large[row] == split for row, split in small.items())


def test_rows_with_neither_subject_nor_seed_stand_alone() -> None:
    splits = split_of([Kin((), None, str(n)) for n in range(500)])
    assert set(splits.values()) == set(SPLITS)


def test_a_family_is_named_after_a_person_where_there_is_one() -> None:
    families = Families()
    kin = Kin(("zoe",), "a-seed", "1")
    families.add(kin)
    assert families.name(kin) == "subject:zoe"


def test_another_salt_is_another_split() -> None:
    kins = [Kin((f"p{n}",), None, str(n)) for n in range(100)]
    assert split_of(kins, "1") != split_of(kins, "2")
    assert isinstance(Assignment("1", {}).point("x"), float)
