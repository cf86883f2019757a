"""The control plane's tables."""

from sluis.control.models.account import AccountType, Configuration, ConfigurationFile, ConnectionAccount, Language
from sluis.control.models.audit import AuditEvent, Scope
from sluis.control.models.environment import DEFAULT_KEEP_DAYS, Environment, Suspension
from sluis.control.models.mail import Mail, MailState, Recipient, ReportKind
from sluis.control.models.notice import Notice, NoticeKind, Offered
from sluis.control.models.people import Membership, Role, User
from sluis.control.models.progress import RunProgress, Stage
from sluis.control.models.runs import (
    OPEN_STATES,
    SETTLED_STATES,
    Bookmark,
    Delivery,
    DeliveryFile,
    DeliveryState,
    Doubt,
    LogLevel,
    LogLine,
    Mode,
    Refresh,
    RefreshState,
    Trigger,
)
from sluis.control.models.schedule import Schedule
from sluis.control.models.sftp import DownloadReceipt, ExternalServer, SftpKey

__all__ = [
    "DEFAULT_KEEP_DAYS",
    "OPEN_STATES",
    "SETTLED_STATES",
    "AccountType",
    "AuditEvent",
    "Bookmark",
    "Configuration",
    "ConfigurationFile",
    "ConnectionAccount",
    "Delivery",
    "DeliveryFile",
    "DeliveryState",
    "Doubt",
    "DownloadReceipt",
    "Environment",
    "ExternalServer",
    "Language",
    "LogLevel",
    "LogLine",
    "Mail",
    "MailState",
    "Membership",
    "Mode",
    "Notice",
    "NoticeKind",
    "Offered",
    "Recipient",
    "Refresh",
    "RefreshState",
    "ReportKind",
    "Role",
    "RunProgress",
    "Schedule",
    "Scope",
    "SftpKey",
    "Stage",
    "Suspension",
    "Trigger",
    "User",
]
