"""What this place says about itself to the rest. See core/contexts."""

from legedialog.core.contexts import About, Word

ABOUT = About(
    for_everybody={
        "access:back_channel_logout": "the provider calls it, with a signed token",
        "access:callback": "the way back from the provider, with a state that works once",
        "access:ended": "tells that the login is over",
        "access:ending": "says when the login that asks ends of itself",
        "access:whose": "says whether an open page is still about whom it was drawn for",
        "access:kept": "text that was kept in this browser for who is logged in; nothing for others",
        "access:send_kept": "gives that text back into its page, where the guards ask again",
        "access:front_channel_logout": "the provider shows it in a frame; ends the named session only",
        "access:login": "begins a login",
        "access:logout": "ends the login there is, if any",
        "access:staff_login": "begins a login",
    },
    parameters={
        "name": Word("idporten"),
    },
)
