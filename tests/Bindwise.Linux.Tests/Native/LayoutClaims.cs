using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Bindwise.Linux.KernelServices;
using Bindwise.Linux.Native;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.Processes.PendingUses;
using Bindwise.Linux.SockDiag;

namespace Bindwise.Linux.Tests.Native;

/// <summary>What the code takes for granted about the kernel's interface: sizes, offsets and numbers, each by its C expression.</summary>
internal sealed class LayoutClaims
{
    private readonly List<(string Expression, long Value)> _claims = [];

    private LayoutClaims()
    {
    }

    /// <summary>All of them.</summary>
    /// <param name="architecture">Whose numbers.</param>
    public static IReadOnlyList<(string Expression, long Value)> On(Architecture architecture)
    {
        var claims = new LayoutClaims();
        claims.ClaimNetlink();
        claims.ClaimSockDiag();
        claims.ClaimTcpInfo();
        claims.ClaimRouting();
        claims.ClaimFiles();
        claims.ClaimKernelServices();
        claims.ClaimPrograms();
        claims.ClaimSupervision();
        claims.ClaimNumbers(architecture);
        claims.ClaimConstants();
        return claims._claims;
    }

    private void ClaimNetlink()
    {
        var header = new NetlinkHeader();
        Claim(ref header, "struct nlmsghdr", NetlinkHeader.SizeBytes);
        Claim(ref header, ref header.LengthBytes, "struct nlmsghdr", "nlmsg_len");
        Claim(ref header, ref header.Type, "struct nlmsghdr", "nlmsg_type");
        Claim(ref header, ref header.Flags, "struct nlmsghdr", "nlmsg_flags");
        Claim(ref header, ref header.Sequence, "struct nlmsghdr", "nlmsg_seq");
        Claim(ref header, ref header.PortId, "struct nlmsghdr", "nlmsg_pid");
        var attribute = new NetlinkAttributeHeader();
        Claim(ref attribute, "struct nlattr", NetlinkAttributeHeader.SizeBytes);
        Claim(ref attribute, ref attribute.Type, "struct nlattr", "nla_type");
        var address = new NetlinkAddress();
        Claim(ref address, "struct sockaddr_nl", NetlinkAddress.SizeBytes);
        Claim(ref address, ref address.PortId, "struct sockaddr_nl", "nl_pid");
        var ipv4 = new SocketAddressIPv4();
        Claim(ref ipv4, "struct sockaddr_in", SocketAddressIPv4.SizeBytes);
        Claim(ref ipv4, ref ipv4.AddressNetwork, "struct sockaddr_in", "sin_addr");
        var ipv6 = new SocketAddressIPv6();
        Claim(ref ipv6, "struct sockaddr_in6", SocketAddressIPv6.SizeBytes);
        Claim(ref ipv6, ref ipv6.Address, "struct sockaddr_in6", "sin6_addr");
        Claim(ref ipv6, ref ipv6.ScopeId, "struct sockaddr_in6", "sin6_scope_id");
        _claims.Add(("sizeof(((struct sockaddr_un *)0)->sun_path)", SocketAddress.UnixNameBytes));
        _claims.Add(("NLM_F_ACK", NetlinkHeader.FlagAcknowledge));
        _claims.Add(("NLM_F_REPLACE", NetlinkHeader.FlagReplace));
        _claims.Add(("NLM_F_EXCL", NetlinkHeader.FlagExclusive));
        _claims.Add(("NLM_F_CREATE", NetlinkHeader.FlagCreate));
        var linger = new LingerValue();
        Claim(ref linger, "struct linger", LingerValue.SizeBytes);
        Claim(ref linger, ref linger.Seconds, "struct linger", "l_linger");
        _claims.Add(("SO_LINGER", SocketOptionCall.Linger));
        _claims.Add(("SO_SNDTIMEO", SocketOptionCall.SendTimeout));
        _claims.Add(("IP_FREEBIND", SocketOptionCall.Freebind));
        _claims.Add(("IP_TRANSPARENT", SocketOptionCall.Transparent));
        _claims.Add(("IP_BIND_ADDRESS_NO_PORT", SocketOptionCall.BindAddressNoPort));
        _claims.Add(("IPV6_FREEBIND", SocketOptionCall.FreebindIPv6));
        var peer = new PeerCredentials();
        Claim(ref peer, "struct ucred", PeerCredentials.SizeBytes);
        Claim(ref peer, ref peer.UserId, "struct ucred", "uid");
        _claims.Add(("SO_PEERCRED", SocketOptionCall.PeerCredentials));
        var how = new OpenHow();
        Claim(ref how, "struct open_how", OpenHow.SizeBytes);
        Claim(ref how, ref how.Resolve, "struct open_how", "resolve");
        _claims.AddRange([
            ("RESOLVE_NO_SYMLINKS", (int)PathBounds.NoSymlinks), ("RESOLVE_NO_XDEV", (int)PathBounds.OneMount), ("RESOLVE_NO_MAGICLINKS", (int)PathBounds.NoMagicLinks),
            ("RESOLVE_BENEATH|RESOLVE_NO_MAGICLINKS|RESOLVE_NO_XDEV", (int)PathBounds.Beneath), ("RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS|RESOLVE_NO_XDEV", (int)PathBounds.InRoot),
        ]);
        var time = new TimeValue();
        Claim(ref time, "struct timeval", 16);
        var info = new AddressInfo();
        Claim(ref info, "struct addrinfo", AddressInfo.SizeBytes);
        Claim(ref info, ref info.AddressBytes, "struct addrinfo", "ai_addrlen");
    }

    private void ClaimSockDiag()
    {
        var id = new InetDiagSocketId();
        Claim(ref id, "struct inet_diag_sockid", InetDiagSocketId.SizeBytes);
        Claim(ref id, ref id.RemotePortNetwork, "struct inet_diag_sockid", "idiag_dport");
        Claim(ref id, ref id.LocalAddress, "struct inet_diag_sockid", "idiag_src");
        Claim(ref id, ref id.RemoteAddress, "struct inet_diag_sockid", "idiag_dst");
        Claim(ref id, ref id.Interface, "struct inet_diag_sockid", "idiag_if");
        Claim(ref id, ref id.CookieLow, "struct inet_diag_sockid", "idiag_cookie");
        var request = new InetDiagRequest();
        Claim(ref request, "struct inet_diag_req_v2", InetDiagRequest.SizeBytes);
        Claim(ref request, ref request.Extensions, "struct inet_diag_req_v2", "idiag_ext");
        Claim(ref request, ref request.States, "struct inet_diag_req_v2", "idiag_states");
        Claim(ref request, ref request.Id, "struct inet_diag_req_v2", "id");
        var legacy = new InetDiagLegacyRequest();
        Claim(ref legacy, "struct inet_diag_req", InetDiagLegacyRequest.SizeBytes);
        Claim(ref legacy, ref legacy.Id, "struct inet_diag_req", "id");
        Claim(ref legacy, ref legacy.States, "struct inet_diag_req", "idiag_states");
        var reply = new InetDiagReply();
        Claim(ref reply, "struct inet_diag_msg", InetDiagReply.SizeBytes);
        Claim(ref reply, ref reply.Timer, "struct inet_diag_msg", "idiag_timer");
        Claim(ref reply, ref reply.Id, "struct inet_diag_msg", "id");
        Claim(ref reply, ref reply.ExpiresMilliseconds, "struct inet_diag_msg", "idiag_expires");
        Claim(ref reply, ref reply.ReceiveQueue, "struct inet_diag_msg", "idiag_rqueue");
        Claim(ref reply, ref reply.SendQueue, "struct inet_diag_msg", "idiag_wqueue");
        Claim(ref reply, ref reply.UserId, "struct inet_diag_msg", "idiag_uid");
        Claim(ref reply, ref reply.Inode, "struct inet_diag_msg", "idiag_inode");
        var step = new InetDiagFilterStep();
        Claim(ref step, "struct inet_diag_bc_op", InetDiagFilterStep.SizeBytes);
        Claim(ref step, ref step.NoBytes, "struct inet_diag_bc_op", "no");
        _claims.Add(("INET_DIAG_BC_S_GE", InetDiagFilterStep.LocalPortAtLeast));
        _claims.Add(("INET_DIAG_BC_S_LE", InetDiagFilterStep.LocalPortAtMost));
        var unix = new UnixDiagRequest();
        Claim(ref unix, "struct unix_diag_req", UnixDiagRequest.SizeBytes);
        Claim(ref unix, ref unix.Show, "struct unix_diag_req", "udiag_show");
        var unixReply = new UnixDiagReply();
        Claim(ref unixReply, "struct unix_diag_msg", UnixDiagReply.SizeBytes);
        Claim(ref unixReply, ref unixReply.Inode, "struct unix_diag_msg", "udiag_ino");
        Claim(ref unixReply, ref unixReply.CookieLow, "struct unix_diag_msg", "udiag_cookie");
    }

    private void ClaimTcpInfo()
    {
        var info = new TcpInfoReply();
        Claim(ref info, ref info.Options, "struct tcp_info", "tcpi_options");
        Claim(ref info, ref info.BytesAcked, "struct tcp_info", "tcpi_bytes_acked");
        Claim(ref info, ref info.NotSentBytes, "struct tcp_info", "tcpi_notsent_bytes");
        Claim(ref info, ref info.BytesSent, "struct tcp_info", "tcpi_bytes_sent");
        Claim(ref info, ref info.BytesRetransmitted, "struct tcp_info", "tcpi_bytes_retrans");
        _claims.Add(("TCPI_OPT_SYN_DATA", TcpInfoReply.OptionSynData));
    }

    private void ClaimRouting()
    {
        var link = new LinkMessage();
        Claim(ref link, "struct ifinfomsg", LinkMessage.SizeBytes);
        Claim(ref link, ref link.Index, "struct ifinfomsg", "ifi_index");
        Claim(ref link, ref link.Flags, "struct ifinfomsg", "ifi_flags");
        var address = new AddressMessage();
        Claim(ref address, "struct ifaddrmsg", AddressMessage.SizeBytes);
        Claim(ref address, ref address.Index, "struct ifaddrmsg", "ifa_index");
        var route = new RouteMessage();
        Claim(ref route, "struct rtmsg", RouteMessage.SizeBytes);
        Claim(ref route, ref route.Type, "struct rtmsg", "rtm_type");
        _claims.Add(("IFLA_EXT_MASK", LinkMessage.AttributeFilter));
        _claims.Add(("RTEXT_FILTER_SKIP_STATS", LinkMessage.FilterSkipStatistics));
        _claims.Add(("IFA_F_TENTATIVE", AddressMessage.FlagTentative));
        _claims.Add(("IFA_FLAGS", AddressMessage.AttributeFlags));
        _claims.Add(("RTM_GETROUTE", RouteMessage.MessageGet));
        _claims.Add(("RTM_DELROUTE", RouteMessage.MessageDelete));
        _claims.Add(("RTA_OIF", RouteMessage.AttributeOutput));
        _claims.Add(("RTA_PRIORITY", RouteMessage.AttributePriority));
        _claims.Add(("RTA_PREFSRC", RouteMessage.AttributePreferredSource));
        _claims.Add(("RTA_METRICS", RouteMessage.AttributeMetrics));
        _claims.Add(("RTAX_QUICKACK", RouteMessage.MetricQuickAcknowledge));
        _claims.Add(("RT_TABLE_LOCAL", RouteMessage.TableLocal));
        _claims.Add(("RTPROT_KERNEL", RouteMessage.ProtocolKernel));
        _claims.Add(("RT_SCOPE_HOST", RouteMessage.ScopeHost));
        _claims.Add(("IFLA_LINKINFO", LinkMessage.AttributeInfo));
        _claims.Add(("IFLA_AF_SPEC", LinkMessage.AttributeFamilies));
        _claims.Add(("IFLA_INFO_KIND", LinkMessage.InfoKind));
        _claims.Add(("IFLA_INFO_DATA", LinkMessage.InfoData));
        _claims.Add(("VETH_INFO_PEER", LinkMessage.InfoPeer));
        _claims.Add(("IFLA_INET6_ADDR_GEN_MODE", LinkMessage.AddressMode));
        _claims.Add(("IN6_ADDR_GEN_MODE_NONE", LinkMessage.AddressModeNone));
        _claims.Add(("IFA_F_NODAD", AddressMessage.FlagWithoutDetection));
    }

    private void ClaimFiles()
    {
        var status = new FileStatus();
        Claim(ref status, "struct statx", FileStatus.SizeBytes);
        Claim(ref status, ref status.UserId, "struct statx", "stx_uid");
        Claim(ref status, ref status.Mode, "struct statx", "stx_mode");
        Claim(ref status, ref status.Inode, "struct statx", "stx_ino");
        Claim(ref status, ref status.DeviceMajor, "struct statx", "stx_dev_major");
        Claim(ref status, ref status.DeviceMinor, "struct statx", "stx_dev_minor");
        var part = new IoVector();
        Claim(ref part, "struct iovec", IoVector.SizeBytes);
        Claim(ref part, ref part.LengthBytes, "struct iovec", "iov_len");
        var message = new MessageHeader();
        Claim(ref message, "struct msghdr", MessageHeader.SizeBytes);
        Claim(ref message, ref message.NameBytes, "struct msghdr", "msg_namelen");
        Claim(ref message, ref message.PartCount, "struct msghdr", "msg_iovlen");
        Claim(ref message, ref message.ControlBytes, "struct msghdr", "msg_controllen");
        Claim(ref message, ref message.Flags, "struct msghdr", "msg_flags");
        _claims.Add(("SO_PROTOCOL", SocketOptionCall.Protocol));
    }

    private void ClaimKernelServices()
    {
        var generic = new GenericMessage();
        Claim(ref generic, "struct genlmsghdr", GenericMessage.SizeBytes);
        Claim(ref generic, ref generic.Version, "struct genlmsghdr", "version");
        _claims.AddRange(
        [
            ("GENL_ID_CTRL", GenericMessage.ControlFamily), ("CTRL_CMD_GETFAMILY", GenericMessage.GetFamily),
            ("CTRL_ATTR_FAMILY_ID", GenericMessage.AttributeFamilyId), ("CTRL_ATTR_FAMILY_NAME", GenericMessage.AttributeFamilyName),
            ("NETLINK_GENERIC", NetlinkSocket.Generic), ("IFLA_LINK_NETNSID", LinkMessage.AttributeLinkNamespace),
            ("IFLA_VXLAN_PORT", TunnelLinks.VxlanPort), ("IFLA_GENEVE_PORT", TunnelLinks.GenevePort), ("IFLA_BAREUDP_PORT", TunnelLinks.BareudpPort),
            ("IFLA_AMT_MODE", TunnelLinks.AmtMode), ("IFLA_AMT_RELAY_PORT", TunnelLinks.AmtRelayPort),
            ("IFLA_AMT_GATEWAY_PORT", TunnelLinks.AmtGatewayPort), ("IFLA_AMT_LOCAL_IP", TunnelLinks.AmtLocalAddress),
            ("WG_CMD_GET_DEVICE", WireGuardPorts.GetDevice), ("WGDEVICE_A_IFNAME", WireGuardPorts.AttributeName),
            ("WGDEVICE_A_LISTEN_PORT", WireGuardPorts.AttributeListenPort),
            ("FOU_CMD_GET", FouReceivers.Get), ("FOU_ATTR_PORT", FouReceivers.AttributePort), ("FOU_ATTR_IPPROTO", FouReceivers.AttributeProtocol),
            ("FOU_ATTR_TYPE", FouReceivers.AttributeType), ("FOU_ATTR_LOCAL_V4", FouReceivers.AttributeLocalIPv4), ("FOU_ATTR_LOCAL_V6", FouReceivers.AttributeLocalIPv6),
            ("L2TP_CMD_TUNNEL_GET", L2tpTunnels.TunnelGet), ("L2TP_ATTR_ENCAP_TYPE", L2tpTunnels.AttributeEncapsulation),
            ("L2TP_ATTR_CONN_ID", L2tpTunnels.AttributeTunnelId), ("L2TP_ATTR_IP_SADDR", L2tpTunnels.AttributeLocalIPv4),
            ("L2TP_ATTR_UDP_SPORT", L2tpTunnels.AttributeLocalPort), ("L2TP_ATTR_IP6_SADDR", L2tpTunnels.AttributeLocalIPv6),
            ("TIPC_NL_BEARER_GET", TipcBearers.BearerGet), ("TIPC_NLA_BEARER", TipcBearers.AttributeBearer), ("TIPC_NLA_BEARER_NAME", TipcBearers.BearerName),
            ("MPTCP_PM_CMD_GET_ADDR", MptcpEndpoints.Get), ("MPTCP_PM_ATTR_ADDR", MptcpEndpoints.AttributeEndpoint), ("MPTCP_PM_ADDR_ATTR_ID", MptcpEndpoints.EndpointId),
            ("MPTCP_PM_ADDR_ATTR_ADDR4", MptcpEndpoints.EndpointIPv4), ("MPTCP_PM_ADDR_ATTR_ADDR6", MptcpEndpoints.EndpointIPv6),
            ("MPTCP_PM_ADDR_ATTR_PORT", MptcpEndpoints.EndpointPort), ("INET_DIAG_REQ_PROTOCOL", DiagRequests.AttributeProtocol),
            ("TIPC_NLA_BEARER_UDP_OPTS", TipcBearers.BearerUdp), ("TIPC_NLA_UDP_LOCAL", TipcBearers.UdpLocal),
        ]);
    }

    private void ClaimSupervision()
    {
        var notice = new SystemCallNotice();
        Claim(ref notice, "struct seccomp_notif", SystemCallNotice.SizeBytes);
        Claim(ref notice, ref notice.Thread, "struct seccomp_notif", "pid");
        Claim(ref notice, ref notice.Number, "struct seccomp_notif", "data.nr");
        Claim(ref notice, ref notice.Architecture, "struct seccomp_notif", "data.arch");
        Claim(ref notice, ref notice.InstructionPointer, "struct seccomp_notif", "data.instruction_pointer");
        Claim(ref notice, ref notice.Argument0, "struct seccomp_notif", "data.args[0]");
        Claim(ref notice, ref notice.Argument5, "struct seccomp_notif", "data.args[5]");
        var answer = new SystemCallAnswer();
        Claim(ref answer, "struct seccomp_notif_resp", SystemCallAnswer.SizeBytes);
        Claim(ref answer, ref answer.Value, "struct seccomp_notif_resp", "val");
        Claim(ref answer, ref answer.Error, "struct seccomp_notif_resp", "error");
        Claim(ref answer, ref answer.Flags, "struct seccomp_notif_resp", "flags");
    }

    // What the code has a number of for each architecture.
    private void ClaimNumbers(Architecture architecture)
    {
        const BindingFlags fields = BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var numbers = typeof(KernelNumber).Assembly.GetTypes().SelectMany(static type => type.GetFields(fields)).Where(static field => field.FieldType == typeof(KernelNumber))
            .Select(static field => (KernelNumber)field.GetValue(null)!).ToList();
        Assert.Contains(SystemCallNumber.Seccomp, numbers);
        _claims.AddRange(numbers.Select(number => (number.Name, number.Of(architecture))));
        _claims.AddRange(DescriptorCall.On(architecture).Select(pair =>
            ($"__NR_{(pair.Key == SystemCallNumber.Restart.Of(architecture) ? "restart_syscall" : pair.Value.Name)}", (long)pair.Key)));
    }

    // What the code has one number of for every architecture: most are constants that nothing else needs to see.
    private void ClaimConstants()
    {
        foreach (var (type, field, expression) in KernelConstants.All)
        {
            var found = type.GetField(field, BindingFlags.Static | BindingFlags.NonPublic);
            Assert.True(found is { IsLiteral: true }, $"{type.Name}.{field} is no constant");
            _claims.Add((expression, Convert.ToInt64(found!.GetRawConstantValue(), CultureInfo.InvariantCulture)));
        }
    }

    private void ClaimPrograms() => _claims.AddRange(
    [
        ("BPF_MAP_LOOKUP_ELEM", BpfCall.LookUpCommand), ("BPF_PROG_GET_NEXT_ID", BpfCall.NextProgramCommand),
        ("BPF_PROG_GET_FD_BY_ID", BpfCall.ProgramCommand), ("BPF_MAP_GET_FD_BY_ID", BpfCall.MapCommand),
        ("BPF_OBJ_GET_INFO_BY_FD", BpfCall.InformationCommand), ("BPF_PROG_QUERY", BpfCall.QueryCommand),
        ("BPF_F_QUERY_EFFECTIVE", BpfCall.Effective), ("BPF_PROG_TYPE_LSM", BpfCall.SecurityProgram),
        ("offsetof(struct bpf_prog_info, nr_map_ids)", BpfCall.MapCountOffset), ("offsetof(struct bpf_prog_info, map_ids)", BpfCall.MapIdsOffset),
        ("offsetof(struct bpf_prog_info, name)", BpfCall.ProgramNameOffset), ("offsetof(struct bpf_prog_info, attach_btf_id)", BpfCall.FunctionOffset),
        ("offsetof(struct bpf_prog_info, recursion_misses)", BpfCall.MissesOffset), ("BPF_PROG_RUN", BpfCall.RunCommand),
        ("offsetof(struct bpf_map_info, key_size)", BpfCall.KeySizeOffset), ("offsetof(struct bpf_map_info, value_size)", BpfCall.ValueSizeOffset),
        ("offsetof(struct bpf_map_info, max_entries)", BpfCall.EntriesOffset), ("offsetof(struct bpf_map_info, name)", BpfCall.MapNameOffset),
    ]);

    private void Claim<T>(ref T value, string type, int declaredBytes)
        where T : struct
    {
        Assert.Equal(declaredBytes, Unsafe.SizeOf<T>());
        _claims.Add(($"sizeof({type})", Unsafe.SizeOf<T>()));
    }

    private void Claim<T, TField>(ref T value, ref TField field, string type, string name)
        where T : struct
        where TField : struct =>
        _claims.Add(($"offsetof({type}, {name})", Unsafe.ByteOffset(ref Unsafe.As<T, byte>(ref value), ref Unsafe.As<TField, byte>(ref field))));
}
