from django.apps import AppConfig


class SignInConfig(AppConfig):
    default = True  # not the other one below
    name = "hienluong.foundation.signin"
    label = "signin"
    verbose_name = "Đăng nhập, yếu tố xác thực"

    def ready(self) -> None:
        from hienluong.foundation.actions import purposes
        from hienluong.foundation.identity import ending, entering, helping, throttle

        from . import browsers, holdings, menu, steps, warnings

        entering.follow_with(steps.after_password)
        throttle.know_browsers_by(browsers.known)
        throttle.attacked.append(warnings.many_tries)
        ending.end_with(warnings.sessions_end, steps.follow_key)
        entering.ways.append("signin/_passkey.html")
        helping.hand_over(helping.Way(menu.RESET, "signin:reset", menu.RESET_WHEN, lambda one: one.official_id is None))
        menu.register_entries()
        purposes.register("signin.own", menu.PURPOSE, "signin", "mfa_authenticate")
        holdings.hand_over()


class SessionsConfig(AppConfig):
    """allauth's list of sessions, filled by :mod:`steps` alone: not by each ``login()`` of a test or a command."""

    name = "allauth.usersessions"
    verbose_name = "Phiên đăng nhập"
