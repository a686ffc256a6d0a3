"""What this context says about itself to the rest. See core/contexts."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from legedialog.core.contexts import (
    CODE,
    HEALTH,
    LINK,
    OFFICE,
    OFFICES,
    RECORD,
    STATE,
    TIME,
    TRACE,
    About,
    Act,
    Chapter,
    Door,
    Kept,
    Letters,
    Notice,
    RowOf,
    Table,
    Waits,
    Word,
    belongs_to,
    public,
    span,
)
from legedialog.dialogues import notices, office, rules, services, story
from legedialog.dialogues.help import TOPICS
from legedialog.dialogues.merging import settle_drafts
from legedialog.dialogues.own import DRAFTS, MESSAGES
from legedialog.dialogues.web import waiting
from legedialog.dialogues.web.letters import begun, talks
from legedialog.patients.representation import Area
from legedialog.patients.rules import NoticeKind
from legedialog.practices.rules import Service

PAGE = "workspace:dialogue"

ABOUT = About(
    tables={
        "Dialogue": Table(
            belongs_to("patient", "practice"),
            "A matter that a patient and her office write about: how far it has come, who answers and by when.",
            RECORD,
            {
                LINK: "id key kind practice contract clinician answerer patient started_by_person started_by_employee"
                " sequence",
                HEALTH: "topic_code subject restriction",
                STATE: "status closed_from is_ended_by_death due_date is_reply_open assigned_to claimed_by"
                " claimed_until told_reception",
                TRACE: "ground status_at started_at sent_at delivered_at opened_at answered_at closed_at escalated_at"
                " last_message_at",
            },
            {"key": "the draft it was sent from", "ground": "by which right somebody acted for the patient"},
            plain={CODE: "restriction"},
            not_hers={
                "topic_code": "the subject says it in words",
                "restriction": "says from whom it is kept, and nothing of what it is",
            },
            moves="kind answerer sequence",
        ),
        "Message": Table(
            belongs_to("practice", follows="dialogue"),
            "What was written, and the answers to the questions before it. Removed when it is withdrawn unread.",
            RECORD,
            {
                LINK: "id dialogue practice number key by_person by_employee external_ref",
                HEALTH: "text answers",
                STATE: "language",
                TRACE: "at ground read_at",
            },
            {"external_ref": "the other record system's id of the message"},
        ),
        "OfferedTime": Table(
            belongs_to(follows="message"),
            "Times the office chose for the patient in an answer.",
            RECORD,
            {LINK: "id message calendar_id clinician_id visit_type_id", HEALTH: "channel starts_at"},
            plain={CODE: "channel", TIME: "starts_at"},
            not_hers={
                "channel": "a time that was free when it was offered; the one she took is an appointment",
                "starts_at": "a time that was free when it was offered; the one she took is an appointment",
            },
            is_append_only=True,
        ),
        "Comment": Table(
            belongs_to("practice"),
            "A word between colleagues about a dialogue. Never shown to the citizen in the portal.",
            RECORD,
            {LINK: "id dialogue practice by_employee to_employee", HEALTH: "text", TRACE: "at"},
            not_hers={"text": "between colleagues; she asks the office for it"},
            is_append_only=True,
        ),
        "Step": Table(
            belongs_to("practice", follows="dialogue"),
            "The dialogue's story, shown to both sides.",
            RECORD,
            {LINK: "id dialogue practice by_employee clinician", STATE: "what due_date kind", TRACE: "at"},
            is_append_only=True,
        ),
        "Draft": Table(
            belongs_to("owner"),
            "What a citizen has begun to write, so that nothing typed is lost.",
            Kept(f"{span(rules.DRAFT_LASTS)} after it was last changed, or until it is sent", services.tidy),
            {
                LINK: "id owner patient practice kind dialogue attachment_ids",
                HEALTH: "topic_code answers text",
                TRACE: "started_at saved_at",
                STATE: "version page",
            },
            {"page": "a random number of one drawing of a page, so that it may go on where it was cut off"},
            not_hers={
                "topic_code": "the topic she has not sent yet; the draft itself is in the file to read",
                "answers": "in the file to read; nobody has been sent it",
                "text": "in the file to read; nobody has been sent it",
            },
            moves="practice attachment_ids",
            is_removed=True,
        ),
        "Topic": Table(
            public("practice"),
            "What a dialogue may be about at an office.",
            OFFICE,
            {LINK: "id practice", OFFICES: "kind code name name_nn name_en leads_to inquiry_code is_active position"},
        ),
        "QuestionSet": Table(
            public("practice"),
            "What is asked before the text, by version, so that old answers can be read.",
            RECORD,
            {LINK: "id practice made_by", OFFICES: "topic_code version questions", TRACE: "made_at"},
            is_append_only=True,
        ),
        "Template": Table(
            public("practice"),
            "Ready answers of an office.",
            OFFICE,
            {LINK: "id practice", OFFICES: "kind name text_nb text_nn text_en position"},
            is_removed=True,
        ),
        "Intake": Table(
            public("practice"),
            "How an office takes dialogues in: guidance, who reads, and how much.",
            OFFICE,
            {
                LINK: "practice",
                OFFICES: "guidance guidance_nn guidance_en contact_guidance contact_guidance_nn contact_guidance_en"
                " opens closes max_open max_a_day is_external",
            },
        ),
    },
    finer={
        "dialogues:hide": ("youth",),
    },
    statements={
        "dialogues:show": 7,  # and the reply she has begun
        "dialogues:attachment": 7,  # and whether all its parts are there, before the answer begins
    },
    parameters={
        "dialogues:attachment attachment_id": RowOf(
            "attachments.Attachment",
            patient="patient",
            practice="practice",
            states=(("object_id__isnull", False), ("by_person__isnull", False)),  # of a message, not of a note
            is_hers=True,
        ),
        "slug": Word("kontakt"),
        "dialogue_id": RowOf(
            "dialogues.Dialogue",
            patient="patient",
            practice="practice",
            states=(("kind", "contact"), ("status", "delivered")),
            is_hers=True,
        ),
        "template_id": RowOf("dialogues.Template", practice="practice"),
    },
    forget=lambda actor, person_id, now: services.forget_drafts(actor=actor, person_id=person_id),
    doors={
        Service.ECONSULTATION: Door("dialogues:econsultation", Area.MESSAGES, is_for_writing=True),
        Service.CONTACT: Door("dialogues:contact", Area.MESSAGES, is_for_writing=True),
    },
    ids={
        "dialogues.Dialogue.key": "of the draft",
        "dialogues.Message.key": "of the form",
        "dialogues.OfferedTime.calendar_id": "a calendar",
        "dialogues.OfferedTime.clinician_id": "a doctor",
        "dialogues.OfferedTime.visit_type_id": "a kind of visit",
        "dialogues.Draft.attachment_ids": "files",
        "dialogues.Draft.page": "a page it was written on",
    },
    merges={
        "dialogues.Draft": settle_drafts,
    },
    acts={
        "dialogue.answer": Act(
            services.answer, _("Svaret sendes straks"), _("Svaret sendes om %(seconds)d sekunder."), PAGE
        ),
        "dialogue.close": Act(
            services.close,
            _("Lukkes straks"),
            ngettext_lazy(
                "%(count)d melding lukkes om %(seconds)d sekunder.",
                "%(count)d meldinger lukkes om %(seconds)d sekunder.",
                "count",
            ),
            PAGE,
        ),
        "dialogue.move": Act(
            services.move,
            _("Flyttes straks"),
            _("Meldingen flyttes, og pasienten får beskjed, om %(seconds)d sekunder."),
            PAGE,
        ),
        "dialogue.start": Act(
            services.start,
            _("Meldingen sendes straks"),
            _("Meldingen sendes om %(seconds)d sekunder."),
            "workspace:dialogue-start",
        ),
    },
    notices={
        "dialogue.answered": Notice(
            _("Beskjed om svar fra kontoret"),
            notices.answered,
            notices.DIALOGUE,
            Area.MESSAGES,
            NoticeKind.MESSAGE,
            says="Du har fått svar fra legekontoret. Logg inn på Legedialog for å lese det.",
        ),
        "dialogue.moved": Notice(
            _("Beskjed om at en melding er flyttet"),
            notices.changed,
            notices.DIALOGUE,
            Area.MESSAGES,
            NoticeKind.MESSAGE,
            says="Noe er endret om meldingen din til legekontoret. Logg inn på Legedialog for å se hva.",
        ),
        "dialogue.rerouted": Notice(
            _("Beskjed om ny lege eller ny dato for svar"),
            notices.changed,
            notices.DIALOGUE,
            Area.MESSAGES,
            NoticeKind.MESSAGE,
            says="Noe er endret om meldingen din til legekontoret. Logg inn på Legedialog for å se hva.",
        ),
        "dialogue.started": Notice(
            _("Beskjed om melding fra kontoret"),
            notices.started,
            notices.DIALOGUE,
            Area.MESSAGES,
            NoticeKind.MESSAGE,
            says={"by the office": "Du har fått en melding fra legekontoret. Logg inn på Legedialog for å lese den."},
        ),
    },
    topics=TOPICS,
    own=(MESSAGES, DRAFTS),
    waits=Waits(waiting.asks, waiting.news),
    story=(Chapter(120, story.play),),
    letters=Letters(talks=talks, begun=begun),
    has_contact=office.is_open_contact,
    pages={"dialogue-states.md": rules.page},
)
