"""Addresses: those of the log-in, and of each group of screens."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.urls import include, path

from sluis.web.views import (
    accounts,
    attention,
    catalogue,
    configurations,
    deliveries,
    environment_settings,
    environments,
    figures,
    folder,
    home,
    keys,
    mails,
    passkeys,
    providers,
    refreshes,
    rights,
    running,
    servers,
    state,
    trail,
    users,
)

urlpatterns = [
    path("", include(home)),
    path("users/", include(users)),
    path("environments/", include(environments)),
    path("environments/<int:environment>/accounts/", include(accounts)),
    path("environments/<int:environment>/accounts/<int:account>/keys/", include(keys)),
    path("environments/<int:environment>/accounts/<int:account>/server/", include(servers)),
    path("environments/<int:environment>/accounts/<int:account>/folder/", include(folder)),
    path("environments/<int:environment>/accounts/<int:account>/configurations/", include(configurations)),
    path(
        "environments/<int:environment>/accounts/<int:account>/configurations/<int:configuration>/run/",
        include(running),
    ),
    path("environments/<int:environment>/deliveries/", include(deliveries)),
    path("environments/<int:environment>/refreshes/", include(refreshes)),
    path("environments/<int:environment>/figures/", include(figures)),
    path("environments/<int:environment>/settings/", include(environment_settings)),
    path("environments/<int:environment>/rights/", include(rights)),
    path("environments/<int:environment>/datastreams/", include(catalogue)),
    path("environments/<int:environment>/mails/", include(mails)),
    path("environments/<int:environment>/state/", state.of_environment, name="environment_state"),
    path("state/", state.of_installation, name="installation_state"),
    path("notices/", include(attention)),
    path("environments/<int:environment>/audit/", include(trail)),
    path("audit/", include(trail.of_installation)),
    # As mails link to them: the environment is found out.
    path("deliveries/<uuid:delivery>/", deliveries.delivery_of_mail, name="delivery_of_mail"),
    path("refreshes/<int:refresh>/", refreshes.refresh_of_mail, name="refresh_of_mail"),
    # Only what Sluis offers of allauth: nobody signs up, and there is no reset by mail.
    path("login/", account.login, name="account_login"),
    path("", include(providers)),
    path("logout/", account.logout, name="account_logout"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", account.password_change, name="account_change_password"),
    path("second-factor/", mfa.index, name="mfa_index"),
    path("second-factor/ask/", mfa.authenticate, name="mfa_authenticate"),
    path("second-factor/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("second-factor/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("second-factor/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/passkeys/", include(passkeys)),
    path("second-factor/codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("second-factor/codes/new/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("second-factor/codes/file/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
]

handler400 = "sluis.web.views.errors.not_found"
handler403 = "sluis.web.views.errors.forbidden"
handler404 = "sluis.web.views.errors.not_found"
handler429 = "sluis.web.views.errors.too_many"
handler500 = "sluis.web.views.errors.broken"
