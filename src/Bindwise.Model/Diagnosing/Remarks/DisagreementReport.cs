using System.Text;
using Bindwise.Model.Rules;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Remarks;

/// <summary>Where the rules and the kernel differ: said plainly, answered as the kernel, with a scenario to attach to a report.</summary>
internal static class DisagreementReport
{
    /// <summary>The scenario in the .bind language; null when they agree.</summary>
    public static string? Of(DiagnosisContext f)
    {
        var differing = f.Asked.Concat(f.Others).FirstOrDefault(static j => j.Disagrees);
        if (differing is null)
            return null;
        var text = new StringBuilder("# The rules and this kernel (")
            .Append(f.Snapshot.Kernel).Append(") differ here: please report it.\n");
        var index = 0;
        foreach (var socket in f.Snapshot.Sockets)
        {
            index++;
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"s{index} = {Protocols(socket)}{Options(socket)} {socket.Local}");
            text.Append(socket.State == TcpState.Listen ? " listen" : "").Append("  # ").Append(Wording.State(socket)).Append('\n');
        }
        text.Append("new = ").Append(differing.Request.Protocol == Addresses.Protocol.Udp ? "udp" : "tcp").Append(Options(differing.Request))
            .Append(' ').Append(differing.Request.Endpoint)
            .Append("  -> ").Append(ErrnoNames.Of(differing.ProbedErrno ?? 0))
            .Append("  # the rules say ").Append(differing.Decision.Errno ?? "ok").Append(" by ").Append(differing.Decision.Rule.Id);
        return text.ToString();
    }

    private static string Protocols(HeldSocket socket) => socket.Protocol == Addresses.Protocol.Udp ? "udp" : "tcp";

    private static string Options(Sockets.BindRequest request) =>
        (request.ReuseAddress ? " reuseaddr" : "") + (request.ReusePort ? " reuseport" : "") + (request.V6Only == true ? " v6only" : "");

    private static string Options(HeldSocket socket) =>
        (socket.ReuseAddress == Fact.Yes ? " reuseaddr" : "") + (socket.ReusePort == Fact.Yes ? " reuseport" : "") + (socket.V6Only == Fact.Yes ? " v6only" : "");
}
