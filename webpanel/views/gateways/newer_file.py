"""What is done about a provider's newer file: nothing by itself, and no more than the person presses."""

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webpanel import gateways
from webpanel.models import db
from webpanel.services import services
from webpanel.views.gateways import news
from webpanel.views.gateways.blueprint import bp, found
from webpanel.views.gateways.draft import Draft
from webpanel.views.gateways.settings import page
from webpanel.wire import difference


@bp.post("/<int:gateway_id>/provider/put")
def provider_put(gateway_id: int) -> ResponseReturnValue:
    """The form with the newer file's settings in it, and all else as it was typed."""
    draft = Draft.sent(found(gateway_id))
    news.put(draft)
    flash(_("The newer settings stand in the form and are not saved yet. Run a test, then save."), "info")
    return page(draft)


@bp.post("/<int:gateway_id>/provider/keep")
def provider_kept(gateway_id: int) -> ResponseReturnValue:
    """The gateway stays as it is, and this version of the file is told of no more."""
    draft = Draft.sent(found(gateway_id))
    if draft.preset is not None:
        base = difference.stated(draft.preset.settings)
        gateways.keep_own(services().store, gateway_id, base)
        # What was read before the write is a different moment's.
        db.session.rollback()
        flash(_("Nothing was changed; the next version of the provider's file is told again."), "info")
    return page(draft)
