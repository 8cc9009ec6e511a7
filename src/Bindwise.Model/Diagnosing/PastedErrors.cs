using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Portable;
using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Topics;
using Bindwise.Model.Rules;
using Bindwise.Model.Targets.Errors;

namespace Bindwise.Model.Diagnosing;

/// <summary>
/// What a pasted error adds to the question; and one that what is seen now does not bear out: over by now, or of another place.
/// </summary>
internal static class PastedErrors
{
    private static readonly ShellCommand Udp = ShellCommand.Of($"/udp");

    /// <summary>Why a target is free of which an error was pasted.</summary>
    private enum Discrepancy : byte
    {
        None,

        /// <summary>It said that the address is in use, and nothing is in the way any more.</summary>
        Over,

        /// <summary>
        /// Docker refuses a port that it gave to a container, whether or not that one's socket is there: no socket table tells.
        /// </summary>
        DockersBook,

        /// <summary>Windows or macOS words or numbers it so.</summary>
        OtherSystem,

        /// <summary>It said EACCES for a low port or a path, and who asks may bind there.</summary>
        OtherUser,

        /// <summary>It said EACCES for a port that needs no privilege, or EPERM: no socket refuses so.</summary>
        Policy,

        /// <summary>It said that no interface has the address, and one has it here.</summary>
        MissingAddress,

        /// <summary>It said that no interface has the address, and none has it: a sysctl lets programs bind it nevertheless.</summary>
        NonLocalAddress,

        /// <summary>It said that no interface has an address, and not which.</summary>
        UnnamedAddress,

        /// <summary>It said that there is no IPv6 (or IPv4), and there is here.</summary>
        MissingFamily,

        /// <summary>It said that there is no place for a path, and there is one here.</summary>
        MissingFolder,

        /// <summary>It said EINVAL or ENODEV: what the program asked for cannot be, whatever other sockets there are.</summary>
        InvalidRequest,

        /// <summary>It said something that is not understood: of another kind, or of another system.</summary>
        NotUnderstood,
    }

    /// <summary>Says aloud which options the runtime brought into the question; null when the text reveals none.</summary>
    public static string? Defaults(DiagnosisContext context) =>
        context.Target.Pasted is not { } pasted || (pasted.Runtime ?? pasted.Program) is not { } who
            || context.Asked[0].Request.Protocol != Protocol.Tcp ? null
        : pasted.SetsReuseAddress switch
        {
            true => $"The wording is that of {who}, which sets SO_REUSEADDR before bind(), so the verdict is for that.",
            false => $"The wording is that of {who}, whose bare sockets set no option, so the verdict is for a plain bind().",
            null => null,
        };

    /// <summary>The same address of UDP, where the text says that it is in use, and leaves the protocol open. Null otherwise.</summary>
    public static Target? AsUdp(Target target) =>
        target is { Pasted: { Errno: "EADDRINUSE", MayMeanUdp: true }, Protocol: Protocol.Tcp }
            ? target with { Protocol = Protocol.Udp, Text = target.Text + "/udp" } : null;

    /// <summary>The same, only where what was asked is free while that is not.</summary>
    public static Target? AsUdp(Target target, Diagnosis diagnosis) =>
        diagnosis.Warnings.Any(static warning => warning.Id == UdpTopic.Taken) ? AsUdp(target) : null;

    /// <summary>A target is not free here, and the error was another system's; null where it was not, or the first line says so.</summary>
    public static Remark? Warning(DiagnosisContext context) =>
        context is not { Verdict: not Verdict.Free, Target.Pasted.System: { } system } ? null
            : Remark.Of("pasted-elsewhere",
                $"The error you pasted came from {NameOf(system)}, which has ports of its own: this answer is for this host.");

    /// <summary>The text names an address alone; null where it names the port too.</summary>
    public static Remark? AssumedPort(Target target) => target.Pasted is not { IsPortAssumed: true } pasted ? null
        : Remark.Of("port-assumed", $"The text names no port: {target.Port}, {pasted.Program}'s usual one, is assumed.");

    /// <summary>It is about a program that is used as it is, such as nginx or the ssh client: nobody changes the code of that.</summary>
    public static bool IsOfProduct(DiagnosisContext context) =>
        (context.Snapshot.Caller.Process is { } caller && PackagedServers.NameOf(caller) is not null)
        || (context.Target.Pasted is { } pasted
            && (pasted.Program is not null || (context.Main is { Owners: [var owner, ..] } && MasterPrograms.Is(owner.Process))));

    /// <summary>It said that the address is in use, and no interface has that address: whoever said so had it.</summary>
    public static bool IsFromElsewhere(DiagnosisContext context) =>
        context is { Cause: Cause.AddressNotLocal, Decisive.Errno: "EADDRNOTAVAIL", Target.Pasted.Errno: "EADDRINUSE" };

    /// <summary>The first line of a target that is free.</summary>
    public static string FirstLine(DiagnosisContext context, string how, string answer)
    {
        var (name, pasted) = (context.Name, context.Target.Pasted);
        var free = $"{name} is free{how}: {answer}.";
        return Of(context) switch
        {
            Discrepancy.Over => $"{name} is free now{how}: {answer}. The error you pasted no longer applies.",
            Discrepancy.OtherSystem =>
                $"{name} is free here{how}: {answer}. The error you pasted came from {NameOf(pasted!.System!.Value)}, which has ports of "
                    + "its own.",
            Discrepancy.OtherUser => $"{name} is free, and you may bind it; the error you pasted (EACCES) came from a user who may not "
                + (context.Target.Path is null ? $"bind ports below {Wording.Number(context.Snapshot.Settings.FirstUnprivilegedPort)}."
                    // libuv's uv_pipe_bind2() makes EACCES of ENOENT.
                    : pasted!.Runtime == RuntimeProfiles.Node.Runtime ? "write to the folder, or the folder was missing there."
                    : "write to the folder."),
            Discrepancy.Policy => free + $" The error you pasted ({pasted!.Errno}) came from a policy where that program runs, such as "
                + "SELinux, AppArmor, Landlock, seccomp or a unit's SocketBindDeny=.",
            Discrepancy.MissingAddress =>
                $"{free} The error you pasted (EADDRNOTAVAIL) does not apply here, where {context.Target.Address} exists; "
                    + (context.Target.Address is { Family: IpFamily.IPv6 } ? "a container without IPv6 has no such address."
                        : "a container has addresses of its own."),
            Discrepancy.NonLocalAddress =>
                $"{free} The error you pasted (EADDRNOTAVAIL) no longer applies: no interface has {context.Target.Address}, but net."
                    + $"{(context.Target.Address!.Value.AsIPv4 is null ? "ipv6" : "ipv4")}.ip_nonlocal_bind lets programs bind addresses "
                    + "that this host does not have.",
            Discrepancy.UnnamedAddress =>
                $"{free} The error you pasted (EADDRNOTAVAIL) is about an address that no interface had where that program ran, and that "
                    + "the text does not name.",
            Discrepancy.MissingFamily =>
                $"{free} The error you pasted (EAFNOSUPPORT) does not apply here, where the kernel has {FamilyOf(context)}; a "
                    + "container may have none, and a unit with RestrictAddressFamilies= may not use it.",
            Discrepancy.MissingFolder =>
                $"{free} The error you pasted does not apply here; a container or a unit may see other folders.",
            Discrepancy.InvalidRequest => $"{free} The error you pasted ({pasted!.Errno}) does not come from another socket: "
                + (pasted.Errno == "ENODEV" ? "where that program ran there was no such interface."
                    : "the address lacked its interface, or the program bound one socket twice."),
            Discrepancy.NotUnderstood =>
                $"{free} The error you pasted is in words that are not known: it may be of another kind, or of another system, which has "
                    + "ports of its own.",
            _ => free,
        };
    }

    /// <summary>What to do where the target is free, and an error said otherwise.</summary>
    public static IEnumerable<Remedy> Remedies(DiagnosisContext context) => Of(context) switch
    {
        Discrepancy.Over =>
        [
            Remedy.Of("start-again",
                $"Start your server again. If it fails again although the {What(context)} is free here, it may bind the {What(context)} "
                    + "twice itself.", null, "nothing", "none"),
        ],
        Discrepancy.DockersBook =>
        [
            Remedy.Of("find-publishing-container",
                "See which container publishes the port, since Docker gives it to one only; if none does, start yours again.",
                ShellCommand.Of($"docker ps {StopRemedies.Publishing(context)}"), "nothing", "none"),
        ],
        Discrepancy.OtherSystem => OfSystem(context, context.Target.Pasted!.System!.Value),
        Discrepancy.OtherUser =>
        [
            .. context.Target.Path is null ? PolicyRemedies.Privileged(context).Where(static r => r.Id != "other-port") : [],
            Remedy.Of("ask-as-user", "Ask for the user that runs the server.", $"bindwise why {context.Question} --user NAME",
                "nothing", "none"),
        ],
        Discrepancy.Policy =>
        [
            Remedy.Of("run-program", "Start the program with bindwise run -- YOUR COMMAND, which looks for what refuses its bind().",
                null, "nothing", "none"),
        ],
        Discrepancy.UnnamedAddress =>
        [
            Remedy.Of("ask-with-address", "Ask with the address that the program's settings name.",
                $"bindwise why ADDRESS:{context.Plan.Port ?? 0}{(context.Target.Protocol == Protocol.Udp ? Udp : ShellCommand.Empty)}",
                "nothing", "none"),
        ],
        Discrepancy.MissingAddress or Discrepancy.MissingFamily or Discrepancy.MissingFolder =>
        [
            Remedy.Of("ask-in-container", "If the program runs in a container, ask for that one.",
                $"bindwise why {context.Question} --container NAME", "nothing", "none"),
        ],
        _ => [],
    };

    private static Discrepancy Of(DiagnosisContext context)
    {
        // What was recorded is of the past, as the error is.
        if (context.Snapshot.Coverage.IsPast
            || context is not { Verdict: Verdict.Free, Target: { Pasted: { } pasted, Destination: null } target })
            return Discrepancy.None;
        if (pasted.System is not null)
            return Discrepancy.OtherSystem;
        return pasted.Errno switch
        {
            "EADDRINUSE" when context.Snapshot.Elsewhere is { Sockets.IsEmpty: false } => Discrepancy.None,
            "EADDRINUSE" when target.IsProtocolAssumed && (target.Protocol != Protocol.Tcp || UdpTopic.TakenBeside(context) is not null) =>
                Discrepancy.None,
            "EADDRINUSE" when pasted.IsPortAssumed => Discrepancy.None,
            "EADDRINUSE" => pasted.Program == RuntimeProfiles.DockerDaemon.Program ? Discrepancy.DockersBook : Discrepancy.Over,
            _ when target.Path is { } path => path is ['@', ..] ? Discrepancy.None
                : pasted.Errno == "EACCES" ? Discrepancy.OtherUser : Discrepancy.MissingFolder,
            "EACCES" when context.Plan.Port > 0 && context.Plan.Port < context.Snapshot.Settings.FirstUnprivilegedPort =>
                Discrepancy.OtherUser,
            "EACCES" or "EPERM" when context.Plan.Port > 0 => Discrepancy.Policy,
            "EADDRNOTAVAIL" when target.Address is { IsAny: false } address =>
                IsLocal(address, context) ? Discrepancy.MissingAddress : Discrepancy.NonLocalAddress,
            "EADDRNOTAVAIL" when target.Host is null && context.Plan.Port > 0 => Discrepancy.UnnamedAddress,
            "EAFNOSUPPORT" when target.Address is not null => Discrepancy.MissingFamily,
            "EINVAL" or "ENODEV" => Discrepancy.InvalidRequest,
            ErrnoWords.Unknown => Discrepancy.NotUnderstood,
            _ => Discrepancy.None,
        };
    }

    private static bool IsLocal(IpAddress address, DiagnosisContext context)
    {
        var settings = context.Snapshot.Settings;
        return (address.AsIPv4 is null ? settings.NonLocalBindIPv6 : settings.NonLocalBindIPv4) != true
            || BindRules.Decide(context.Decisive.Request, context.Snapshot with
            {
                Settings = settings with { NonLocalBindIPv4 = false, NonLocalBindIPv6 = false },
            }).Errno != "EADDRNOTAVAIL";
    }

    private static IEnumerable<Remedy> OfSystem(DiagnosisContext context, HostSystem system)
    {
        var (port, protocol) = (context.Plan.Port ?? 0, context.Target.Protocol);
        var advice = (system, context.Target.Pasted!.Errno) switch
        {
            (HostSystem.Windows, "EACCES") => WindowsAdvice.OfExcludedPort(port, protocol, context.Target.Address),
            (HostSystem.Windows, "EADDRINUSE") => WindowsAdvice.OfUse(port, protocol),
            (HostSystem.MacOS, "EADDRINUSE") => MacAdvice.OfUse(port, protocol, seesListener: true),
            _ => [],
        };
        return advice.Select(remedy => remedy with { Text = $"On {NameOf(system)}: {remedy.Text}" });
    }

    private static string NameOf(HostSystem system) => system == HostSystem.Windows ? "Windows" : "macOS or a BSD";

    private static string FamilyOf(DiagnosisContext context) => context.Target.Address is { Family: IpFamily.IPv6 } ? "IPv6" : "IPv4";

    private static string What(DiagnosisContext context) =>
        context.Target.Path is not { } path ? "port" : path is ['@', ..] ? "name" : "path";
}
