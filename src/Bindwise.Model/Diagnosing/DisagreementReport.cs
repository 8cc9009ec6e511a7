using System.Globalization;
using System.Text;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Diagnosing;

/// <summary>Where the rules and the kernel differ: said plainly, answered as the kernel, with a scenario to attach to a report.</summary>
internal static class DisagreementReport
{
    /// <summary>The scenario in the .bind language; null when they agree.</summary>
    public static string? Of(DiagnosisContext context)
    {
        if (Differing(context) is not { } differing)
            return null;
        var text = new StringBuilder("# The rules and this kernel (")
            .Append(context.Snapshot.Kernel).Append(") differ here: please report it.\n");
        var index = 0;
        foreach (var socket in context.Snapshot.Sockets)
        {
            index++;
            text.Append(CultureInfo.InvariantCulture,
                $"s{index} = {Protocols(socket)}{Options(socket)} {socket.Local}");
            text.Append(socket.State == TcpSocketState.Listen ? " listen" : "").Append("  # ").Append(Wording.State(socket)).Append('\n');
        }
        text.Append("new = ").Append(differing.Request.Protocol == Protocol.Udp ? "udp" : "tcp").Append(Options(differing.Request))
            .Append(' ').Append(differing.Request.Endpoint)
            .Append("  -> ").Append(ErrnoNames.Of(differing.ProbedErrno ?? 0))
            .Append("  # the rules say ").Append(differing.Decision.Errno ?? "ok").Append(" by ").Append(differing.Decision.Rule.Id);
        return text.ToString();
    }

    /// <summary>Asks for it; null when they agree.</summary>
    public static Remark? Warning(DiagnosisContext context) => Differing(context) is null ? null
        : new Remark
        {
            Id = "rules-and-kernel-disagree",
            Text = "The rules and this kernel disagree here; the answer is the kernel's. Please report the scenario (--verbose prints it).",
        };

    private static BindAssessment? Differing(DiagnosisContext context) =>
        context.Asked.Concat(context.Others).FirstOrDefault(static j => j.Contradicts);

    private static string Protocols(HeldSocket socket) => socket.Protocol == Protocol.Udp ? "udp" : "tcp";

    private static string Options(BindRequest request) =>
        (request.ReuseAddress ? " reuseaddr" : "") + (request.ReusePort ? " reuseport" : "") + (request.V6Only == true ? " v6only" : "");

    private static string Options(HeldSocket socket) =>
        (socket.ReuseAddress == Fact.Yes ? " reuseaddr" : "") + (socket.ReusePort == Fact.Yes ? " reuseport" : "")
            + (socket.V6Only == Fact.Yes ? " v6only" : "");
}
