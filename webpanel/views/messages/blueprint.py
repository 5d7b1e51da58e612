"""The blueprint of the pages that both roles may use."""

from flask import Blueprint

bp = Blueprint("messages", __name__)
