"""What the script of the file field calls, and the uploader's own files until they are sent. For both sides."""

from uuid import UUID

from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from legedialog.access.actor import Actor
from legedialog.access.web.bodies import takes
from legedialog.access.web.guards import staff_required
from legedialog.attachments import policy, rules, services
from legedialog.attachments.web import field
from legedialog.attachments.web.answers import serve
from legedialog.consent.web.guards import area_required
from legedialog.core import reading
from legedialog.core.errors import Denied, NotFound, Refused
from legedialog.patients.representation import Area

FILE, PRACTICE, PATIENT = "file", "practice", "patient"  # what is sent

ONE = rules.MOST + 64 * 1024  # a file, and what the form says of it
STATUSES = {rules.TWO_AT_ONCE.code: 429, rules.BUSY.code: 503, rules.NOT_CHECKED.code: 503}

citizens = area_required(Area.MESSAGES)
staff = staff_required(*policy.SENDS)


def _receive(request: HttpRequest) -> JsonResponse:
    """One file; what the page shows of it, or why it was refused. Others never learn that the patient exists."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    file = request.FILES.get(FILE)
    practice_id, patient_id = (reading.uuid(request.POST.get(name)) for name in (PRACTICE, PATIENT))
    if file is None or file.file is None:
        return _problem(422, str(rules.NO_FILE.to_patient), rules.NO_FILE.code)
    if practice_id is None or patient_id is None:
        return _problem(404, str(rules.ELSEWHERE))
    try:
        made = services.receive(
            actor=actor,
            practice_id=practice_id,
            patient_id=patient_id,
            name=str(file.name),
            file=file.file,
            now=timezone.now(),
        )
    except Refused as refused:
        answer = _problem(STATUSES.get(refused.code, 422), field.words(actor, refused.refusal), refused.code)
        if answer.status_code != 422:
            answer["Retry-After"] = str(rules.SOON)
        return answer
    except (Denied, NotFound) as error:
        return _problem(404, str(error.message or rules.ELSEWHERE))
    shown = field.row(actor, made)
    return JsonResponse(
        {
            **{"id": str(shown.id), "name": shown.name, "size": shown.size, "url": shown.url},
            **{"shown": shown.is_shown, "left_out": shown.left_out},
        }
    )


def _own(request: HttpRequest, attachment_id: UUID) -> StreamingHttpResponse:
    """A file that waits, for the one who uploaded it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return serve(request, policy.find_waiting(actor, attachment_id), lambda _actor, _attachment: None)


def _remove(request: HttpRequest, attachment_id: UUID) -> JsonResponse:
    services.remove(actor=request.actor, attachment_id=attachment_id, now=timezone.now())  # type: ignore[attr-defined]
    return JsonResponse({})


def _problem(status: int, text: str, code: str = "") -> JsonResponse:
    return JsonResponse({"problem": text, "code": code}, status=status)


receive = takes(ONE)(citizens(require_POST(_receive)))
own, remove = citizens(require_GET(_own)), citizens(require_POST(_remove))
office_receive = takes(ONE)(staff(require_POST(_receive)))
office_own, office_remove = staff(require_GET(_own)), staff(require_POST(_remove))
