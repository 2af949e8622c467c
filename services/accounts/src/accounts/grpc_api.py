"""The gRPC door: who asks and when, then one use case."""

from typing import Any

import grpc

from accounts.usecases import enrolment, health, returning, sign_in, till_logs, tills, users
from accounts.usecases.means import Means
from kit.auth import current_caller
from kit.clock import now
from ticketing.accounts.v1 import accounts_service_pb2 as pb
from ticketing.accounts.v1 import accounts_service_pb2_grpc as rpc

PUBLIC_METHODS = frozenset({"SignIn", "GetPublicKeys", "EnrolTill", "IssueTillToken", "ListTicketCertificates"})
CLIENT_ADDRESS = "x-client-address"
"""Metadata by which a web front tells whose attempt it passes on; the gRPC port is not open to people."""


class AccountsApi(rpc.AccountsServiceServicer):
    def __init__(self, means: Means) -> None:
        self._means = means

    def SignIn(self, request: pb.SignInRequest, context: grpc.ServicerContext) -> pb.SignInResponse:
        return sign_in.sign_in(self._means, request, _peer(context), _behind(context), now())

    def RenewToken(self, request: pb.RenewTokenRequest, context: Any) -> pb.RenewTokenResponse:
        return sign_in.renew_token(self._means, current_caller(), now())

    def GetPublicKeys(self, request: pb.GetPublicKeysRequest, context: Any) -> pb.GetPublicKeysResponse:
        return sign_in.public_keys(self._means, now())

    def RotateTokenKey(self, request: pb.RotateTokenKeyRequest, context: Any) -> pb.RotateTokenKeyResponse:
        return sign_in.rotate_token_key(self._means, current_caller(), request, now())

    def CreateUser(self, request: pb.CreateUserRequest, context: Any) -> pb.CreateUserResponse:
        return users.create_user(self._means, current_caller(), request, now())

    def UpdateUser(self, request: pb.UpdateUserRequest, context: Any) -> pb.UpdateUserResponse:
        return users.update_user(self._means, current_caller(), request, now())

    def ListUsers(self, request: pb.ListUsersRequest, context: Any) -> pb.ListUsersResponse:
        return users.list_users(self._means, current_caller())

    def ListSellers(self, request: pb.ListSellersRequest, context: Any) -> pb.ListSellersResponse:
        return users.list_sellers(self._means, current_caller())

    def ListProfiles(self, request: pb.ListProfilesRequest, context: Any) -> pb.ListProfilesResponse:
        return users.list_profiles(current_caller())

    def CreateTill(self, request: pb.CreateTillRequest, context: Any) -> pb.CreateTillResponse:
        return tills.create_till(self._means, current_caller(), request, now())

    def RenewEnrolmentCode(self, request: pb.RenewEnrolmentCodeRequest, context: Any) -> pb.RenewEnrolmentCodeResponse:
        return tills.renew_enrolment_code(self._means, current_caller(), request, now())

    def EnrolTill(self, request: pb.EnrolTillRequest, context: grpc.ServicerContext) -> pb.EnrolTillResponse:
        return enrolment.enrol_till(self._means, request, _peer(context), now())

    def IssueTillToken(self, request: pb.IssueTillTokenRequest, context: Any) -> pb.IssueTillTokenResponse:
        return enrolment.issue_till_token(self._means, request, now())

    def AskTillBack(self, request: pb.AskTillBackRequest, context: Any) -> pb.AskTillBackResponse:
        return returning.ask_till_back(self._means, current_caller(), request)

    def MoveTill(self, request: pb.MoveTillRequest, context: Any) -> pb.MoveTillResponse:
        return returning.move_till(self._means, current_caller(), request, now())

    def FinishTillReturn(self, request: pb.FinishTillReturnRequest, context: Any) -> pb.FinishTillReturnResponse:
        return returning.finish_till_return(self._means, current_caller(), request, now())

    def AskTillLog(self, request: pb.AskTillLogRequest, context: Any) -> pb.AskTillLogResponse:
        return till_logs.ask_till_log(self._means, current_caller(), request, now())

    def GetTillLog(self, request: pb.GetTillLogRequest, context: Any) -> pb.GetTillLogResponse:
        return till_logs.get_till_log(self._means, current_caller(), request)

    def SendTillLog(self, request: pb.SendTillLogRequest, context: Any) -> pb.SendTillLogResponse:
        return till_logs.send_till_log(self._means, current_caller(), request, now())

    def RevokeTill(self, request: pb.RevokeTillRequest, context: Any) -> pb.RevokeTillResponse:
        return tills.revoke_till(self._means, current_caller(), request, now())

    def ListTills(self, request: pb.ListTillsRequest, context: Any) -> pb.ListTillsResponse:
        return tills.list_tills(self._means, current_caller())

    def ReportTill(self, request: pb.ReportTillRequest, context: Any) -> pb.ReportTillResponse:
        return health.report_till(self._means, current_caller(), request, now())

    def ListTillHealth(self, request: pb.ListTillHealthRequest, context: Any) -> pb.ListTillHealthResponse:
        return health.list_till_health(self._means, current_caller(), request, now())

    def GetTillRoster(self, request: pb.GetTillRosterRequest, context: Any) -> pb.GetTillRosterResponse:
        return tills.till_roster(self._means, current_caller(), request)

    def CertifyTicketKey(self, request: pb.CertifyTicketKeyRequest, context: Any) -> pb.CertifyTicketKeyResponse:
        return enrolment.certify_ticket_key(self._means, current_caller(), request, now())

    def CertifySetupKey(self, request: pb.CertifySetupKeyRequest, context: Any) -> pb.CertifySetupKeyResponse:
        return enrolment.certify_setup_key(self._means, current_caller(), request)

    def CertifyReceiptKey(self, request: pb.CertifyReceiptKeyRequest, context: Any) -> pb.CertifyReceiptKeyResponse:
        return enrolment.certify_receipt_key(self._means, current_caller(), request)

    def ListTicketCertificates(
        self, request: pb.ListTicketCertificatesRequest, context: Any
    ) -> pb.ListTicketCertificatesResponse:
        return enrolment.list_ticket_certificates(self._means)


def _peer(context: grpc.ServicerContext) -> str:
    """The host that calls, without its port: "ipv4:192.0.2.7"."""
    return context.peer().rpartition(":")[0]


def _behind(context: grpc.ServicerContext) -> str | None:
    told = dict(context.invocation_metadata()).get(CLIENT_ADDRESS, "")
    return str(told)[:64] or None
