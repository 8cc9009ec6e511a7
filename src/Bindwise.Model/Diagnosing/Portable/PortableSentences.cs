namespace Bindwise.Model.Diagnosing.Portable;

/// <summary>
/// Summary and reasons of a portable answer. What is known of the system and was not tried is called that. They are not those of the full
/// answer: there the rules of Linux judge each socket and name its owner, here a probe answers for all and a list shows addresses and
/// states.
/// </summary>
internal static class PortableSentences
{
    public static string Summary(PortableContext context, Cause cause)
    {
        if (context.Verdict == Verdict.Free)
            return Free(context);
        if (context.Verdict == Verdict.Undetermined)
            return context.Meeting.IsEmpty ? $"{context.Name} may be taken; no probe was made."
                : $"{context.Name} may be taken: {Seen(context)}, and no probe was made.";
        if (context.Errno != "EADDRINUSE")
            return $"{context.Name} cannot be bound ({Error(context)}): {Refusal(context, cause)}.";
        if (context.Target.Protocol == Protocol.Unix)
            return $"{context.Name} is taken (EADDRINUSE): a {context.Snapshot.UnixPath?.Kind} is there.";
        if (context.Port == 0)
            return $"Port 0 fails ({Error(context)}): the system finds no free port.";
        return context.Meeting.IsEmpty
            ? $"{context.Name} is taken ({Error(context)}), by a socket that the system does not list."
            : $"{context.Name} is taken ({Error(context)}): {Seen(context)}.";
    }

    public static IEnumerable<string> Reasons(PortableContext context, Cause cause)
    {
        if (context.Verdict == Verdict.Free)
        {
            yield return context.Target.Protocol == Protocol.Unix ? "Nothing is at that path, and its folder exists."
                : "A bind() to it has just worked, and was undone at once.";
            yield break;
        }
        if (context.Verdict == Verdict.Undetermined)
            yield break;
        if (context.Decisive is not null)
            yield return $"A bind() to {context.Decisive.Request.Endpoint} has just failed: that is this system's own answer.";
        if (context.Target.Protocol == Protocol.Unix && context.Errno == "EADDRINUSE" && context.Snapshot.UnixPath?.Kind == "file")
            yield return "bind() creates the file itself and never takes an existing one, whether or not a server still listens on it.";
        if (context.Errno == "EADDRINUSE" && context.Target.Protocol != Protocol.Unix && context.Meeting.IsEmpty)
            yield return "A socket that is bound but does not listen is in no list that .NET can read.";
        if (OfTheSystem(context, cause) is { } known)
            yield return known;
    }

    private static string Free(PortableContext context)
    {
        if (context.Target.Protocol == Protocol.Unix)
            return $"{context.Name} is free: nothing is at that path.";
        var how = context.NeedsItsOptions ? Wording.Setting(context.Plan.Asked[0].OptionNames) : "";
        if (context.Port == 0)
            return Wording.AutomaticPort(how) + ".";
        return context.Target.Address is null
            ? $"{context.Name} is free{how}: {Wording.List([.. context.Plan.Asked.Select(static r => r.Address.Bracketed)])} can "
                + $"be bound."
            : $"{context.Name} is free{how}: it can be bound.";
    }

    /// <summary>What is seen, the most telling first: <c>a socket listens on [::]:8080</c>.</summary>
    private static string Seen(PortableContext context)
    {
        if (context.Target.Protocol == Protocol.Udp)
            return $"a UDP socket is on {context.Meeting[0].Local}";
        var listeners = context.Meeting.Where(static s => s.State == TcpSocketState.Listen).ToList();
        if (listeners.Count > 0)
            return $"{(listeners.Count == 1 ? "a socket listens" : Wording.Number(listeners.Count) + " sockets listen")} on "
                + $"{Wording.List([.. listeners.Select(static s => s.Local.ToString()).Distinct()])}";
        var largest = context.Meeting.GroupBy(static s => s.State).OrderByDescending(static g => g.Count()).First();
        var state = TcpStateNames.Of(largest.Key, Protocol.Tcp);
        return largest.Count() == 1 ? $"a connection to {largest.First().Remote} is in {state}"
            : $"{Wording.Number(largest.Count())} connections are in {state}";
    }

    private static string Error(PortableContext context) =>
        context.Decisive is { } probe && PortableErrors.NumberOf(context.System, probe) is { } number ? $"{context.Errno}, {number}"
            : context.Errno ?? "";

    private static string Refusal(PortableContext context, Cause cause)
    {
        var address = context.Decisive?.Request.Address ?? default;
        return cause switch
        {
            Cause.PrivilegedPort => $"port {Wording.Number(context.Port)} is privileged, and you may not bind it",
            Cause.Listener => $"{Seen(context)}, and does not share",
            Cause.ScopeMissing => $"{address} is link-local and needs its interface",
            Cause.IPv6Disabled => "this system has no IPv6",
            Cause.AddressNotLocal => $"no interface of this host has {address}",
            Cause.UnixSocketFile => "its folder does not exist or is not writable",
            Cause.DeniedByPolicy when context.System == HostSystem.Windows && context.Errno == "EACCES" =>
                "the port is most likely in a range that Windows reserves",
            _ => "the system refuses it",
        };
    }

    /// <summary>What documents and sources of that system say; nothing of it was tried here, and it says so.</summary>
    private static string? OfTheSystem(PortableContext context, Cause cause) => (context.System, cause) switch
    {
        (HostSystem.MacOS, Cause.TimeWait) =>
            "From macOS's source, not tried here: TIME_WAIT lasts 30 s, and a socket that sets SO_REUSEADDR may bind over one of the same "
                + "user, whatever the old one had set.",
        (HostSystem.MacOS, Cause.Listener) =>
            "From macOS's source, not tried here: with SO_REUSEADDR only a socket at exactly the same address is in the way; one of "
                + "another user is in most cases, whatever the options.",
        (HostSystem.MacOS, Cause.PrivilegedPort) =>
            "From macOS's source, not tried here: ports below 1024 are restricted only on a specific address; every user may bind them on "
                + "0.0.0.0 and [::].",
        (HostSystem.Windows, Cause.TimeWait) =>
            "What Go and libuv rely on, not tried here: on Windows a plain bind() works over TIME_WAIT; one with SO_EXCLUSIVEADDRUSE waits "
                + "for it to end.",
        (HostSystem.Windows, Cause.DeniedByPolicy) when context.Errno == "EACCES" =>
            "From Windows's documents, not tried here: 10013 (WSAEACCES) comes from an excluded port range, which Hyper-V, WSL and Docker "
                + "reserve anew at each start, from another user's socket, or from one with SO_EXCLUSIVEADDRUSE. No process owns a port of "
                + "an excluded range.",
        (HostSystem.Windows, Cause.Listener) when context.Errno == "EACCES" =>
            "From Windows's documents, not tried here: 10013 (WSAEACCES) in place of 10048 means that the other socket belongs to another "
                + "user or has set SO_EXCLUSIVEADDRUSE.",
        (HostSystem.Linux, Cause.TimeWait) =>
            "On Linux TIME_WAIT lasts 60 s, and SO_REUSEADDR helps only when the old socket had set it as well.",
        _ => null,
    };
}

/// <summary>Warnings and limits of a portable answer.</summary>
internal static class PortableRemarks
{
    public static IEnumerable<Remark> Warnings(PortableContext context)
    {
        if (context.Verdict != Verdict.Free || context.Target.Protocol == Protocol.Unix)
            yield break;
        var beside = context.Meeting.Where(static s => s.State == TcpSocketState.Listen || s.Protocol == Protocol.Udp)
            .Select(static s => s.Local.ToString()).Distinct().ToList();
        if (beside.Count > 0)
            yield return Remark.Of("seen-beside",
                $"{Wording.List(beside)} {(beside.Count == 1 ? "is" : "are")} in use, and this system allows the bind all the same; "
                    + "what is sent to the more specific address reaches only one of the two.");
        else if (context.Record.Probes.Any(static p => p.IsExclusive && p.Error != 0))
            yield return Remark.Of("seen-beside",
                "With SO_EXCLUSIVEADDRUSE the bind fails; another socket is on the port, and two servers would share it.");
    }

    public static IEnumerable<Remark> Limits(PortableContext context)
    {
        yield return Remark.Of("portable",
            "This is the portable answer, from a probe and the system's list of listeners and connections; it shows no owners, no "
                + "options, and no sockets that are bound without listening.");
        foreach (var limit in context.Plan.Limits)
            yield return limit;
        if (context.Target.Protocol == Protocol.Unix)
            yield return Remark.Of("path-not-probed",
                "A path is looked at but never bound, so whether a server listens on it, and whether you may create a file there, "
                    + "is not known.");
        else if (Unprobed(context) is { } unprobed)
            yield return unprobed;
        if (!context.Record.IsListRead && context.Target.Protocol != Protocol.Unix)
            yield return Remark.Of("list-unread", "The system's list of sockets could not be read.");
        if (context.Record.SeenCount > context.Record.Seen.Length)
            yield return Remark.Of("list-cut",
                $"{Wording.Number(context.Record.Seen.Length)} of {Wording.Number(context.Record.SeenCount)} sockets on the port "
                    + $"are listed one "
                    + "by one.");
        if (context is { Verdict: Verdict.Free, System: HostSystem.Windows, Target.Protocol: Protocol.Tcp })
            yield return Remark.Of("not-listened", "The probe does not listen; on Windows a wildcard conflict may show only at listen().");
        foreach (var note in context.Snapshot.Coverage.Notes)
            yield return Remark.Of("note", note);
    }

    /// <summary>Why a bind that was asked about has no answer.</summary>
    private static Remark? Unprobed(PortableContext context)
    {
        var open = context.Plan.Asked.FirstOrDefault(r => context.AnswerOf(r) is null);
        if (open is null || context.Verdict == Verdict.Blocked)
            return null;
        if (open.Device is not null)
            return Remark.Of("device-not-probed", "--device (SO_BINDTODEVICE) is specific to Linux; .NET cannot bind that way.");
        if (open.Freebind)
            return Remark.Of("freebind-not-probed", ".NET cannot set IP_FREEBIND, so no bind() is tried with it.");
        if (context.Record.Probes.IsEmpty)
            return Remark.Of("not-probed", "No bind() was tried, so nothing confirms the answer.");
        if (open is not ({ ReuseAddress: true } or { ReusePort: true }))
            return null;
        return context.System == HostSystem.Windows
            ? Remark.Of("sharing-not-probed", "On Windows SO_REUSEADDR can take a port away from its owner, so no bind() is tried with it.")
            : context.Target.Protocol == Protocol.Udp
            ? Remark.Of("sharing-not-probed",
                "A UDP socket that shares the port would take its owner's datagrams, so no bind() is tried that way.")
            : Remark.Of("sharing-not-probed",
                ".NET sets SO_REUSEPORT only together with SO_REUSEADDR, so what one of them alone would give is not known.");
    }
}
