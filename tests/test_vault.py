"""The vault: what is encrypted and sealed opens only where it should."""

import time

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from webpanel.vault import Unreadable, Vault

OLD, NEW = Fernet.generate_key(), Fernet.generate_key()


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_is_encrypted_reads_the_same_and_says_nothing(text: str) -> None:
    vault = Vault([NEW])
    ciphertext = vault.encrypt(text)
    assert vault.decrypt(ciphertext) == text
    assert len(text) < 3 or text.encode() not in ciphertext
    assert vault.encrypt(text) != ciphertext


def test_a_vault_needs_keys() -> None:
    for keys in ([], [b"short"], [NEW, b""]):
        with pytest.raises(ValueError, match="key"):
            Vault(keys)


def test_keys_are_rotated() -> None:
    kept = Vault([OLD]).encrypt("s3cret")
    both = Vault([NEW, OLD])
    assert both.decrypt(kept) == "s3cret"
    rotated = both.rotate(kept)
    assert Vault([NEW]).decrypt(rotated) == "s3cret"
    for ciphertext in (kept, b"", b"nonsense", rotated[:-2]):
        with pytest.raises(Unreadable):
            Vault([NEW]).decrypt(ciphertext)
        with pytest.raises(Unreadable):
            Vault([NEW]).rotate(ciphertext)


def test_a_sealed_value_opens_for_its_purpose_only() -> None:
    vault = Vault([NEW, OLD])
    value = {"auth_password": "pä\0ss", "n": [1, None]}
    token = vault.seal(value, "gateway 3, user ada")
    assert "ss" not in token or value["auth_password"] not in token
    assert vault.unseal(token, "gateway 3, user ada", 3600) == value
    assert Vault([OLD, NEW]).unseal(token, "gateway 3, user ada", 3600) == value
    for wrong in ("gateway 3, user bob", "", "gateway 3, user ada\0"):
        with pytest.raises(Unreadable):
            vault.unseal(token, wrong, 3600)


@pytest.mark.parametrize("token", ["", "nonsense", "gAAAAA", "é", "\0", "\ud800", "a" * 10_000])
def test_what_was_not_sealed_does_not_open(token: str) -> None:
    with pytest.raises(Unreadable):
        Vault([NEW]).unseal(token, "form", 3600)


def test_a_sealed_value_grows_old() -> None:
    vault = Vault([NEW])
    hour_ago = int(time.time()) - 3600
    # As a vault would have sealed it an hour ago.
    content = b'sealed form\0{"a": "b"}'
    token = Fernet(NEW).encrypt_at_time(content, hour_ago).decode()
    assert vault.unseal(token, "form", 3700) == {"a": "b"}
    with pytest.raises(Unreadable):
        vault.unseal(token, "form", 3500)


def test_what_the_database_holds_opens_in_no_form_and_the_other_way_round() -> None:
    vault = Vault([NEW])
    with pytest.raises(Unreadable):
        vault.unseal(vault.encrypt('{"a": "b"}').decode(), "form", 3600)
    with pytest.raises(Unreadable):
        vault.decrypt(vault.seal({"a": "b"}, "form").encode())


def test_masking_is_the_core_s() -> None:
    masked = Vault([NEW]).mask(b"key=s3cr3t-key; x", spans=[(16, 17)], secrets=["s3cr3t-key"])
    assert masked.decode() == "key=••••••; ••••••"
