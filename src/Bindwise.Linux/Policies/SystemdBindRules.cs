using System.Buffers.Binary;
using System.Globalization;

namespace Bindwise.Linux.Policies;

/// <summary>
/// The rules of systemd's SocketBindAllow= and SocketBindDeny=, as its program on the cgroup reads them from two maps
/// (src/core/bpf/socket-bind/socket-bind-api.bpf.h, systemd 250): a bind() that a rule of each fits is allowed.
/// </summary>
internal static class SystemdBindRules
{
    internal const string AllowMap = "sd_bind_allow";
    internal const string DenyMap = "sd_bind_deny";
    internal const int RuleBytes = 12;

    /// <summary>SOCKET_BIND_RULE_AF_MATCH_NOTHING: what fills an empty map.</summary>
    private const uint MatchesNothing = uint.MaxValue;
    private const uint AnyFamily = 0;
    private const uint FamilyIPv4 = 2;
    private const uint FamilyIPv6 = 10;
    private const uint Tcp = 6;
    private const uint Udp = 17;

    /// <summary>
    /// The first rule that fits, as the unit's setting spells it (<c>ipv4:tcp:8080</c>, <c>any</c>); null when none does.
    /// </summary>
    /// <param name="isKnown">False when the elements have another form than this version knows.</param>
    internal static string? Match(ReadOnlySpan<byte> rules, BindRequest request, out bool isKnown)
    {
        isKnown = rules.Length % RuleBytes == 0;
        for (var rest = rules; isKnown && !rest.IsEmpty; rest = rest[RuleBytes..])
        {
            var family = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            var protocol = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            var count = BinaryPrimitives.ReadUInt16LittleEndian(rest[8..]);
            var first = BinaryPrimitives.ReadUInt16LittleEndian(rest[10..]);
            if (family == MatchesNothing)
                continue;
            isKnown = family is AnyFamily or FamilyIPv4 or FamilyIPv6 && protocol is 0 or Tcp or Udp;
            if (isKnown && Fits(family, protocol, count, first, request))
                return Spell(family, protocol, count, first);
        }
        return null;
    }

    private static bool Fits(uint family, uint protocol, ushort count, ushort first, BindRequest request) =>
        (family == AnyFamily || family == (request.Address.Family == IpFamily.IPv4 ? FamilyIPv4 : FamilyIPv6))
        && (protocol == 0 || protocol == (request.Protocol == Protocol.Tcp ? Tcp : Udp))
        && (count == 0 || (request.Port >= first && request.Port < first + count));

    private static string Spell(uint family, uint protocol, ushort count, ushort first)
    {
        var parts = new List<string>();
        if (family != AnyFamily)
            parts.Add(family == FamilyIPv4 ? "ipv4" : "ipv6");
        if (protocol != 0)
            parts.Add(protocol == Tcp ? "tcp" : "udp");
        if (count != 0)
            parts.Add(count == 1 ? first.ToString(CultureInfo.InvariantCulture)
                : string.Create(CultureInfo.InvariantCulture, $"{first}-{first + count - 1}"));
        return parts.Count == 0 ? "any" : string.Join(':', parts);
    }
}
