using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Diagnosing.Topics;

namespace Bindwise.Model.Diagnosing.Freeing;

/// <summary>Processes that <c>free</c> never ends, whatever they hold.</summary>
internal static class ProcessProtection
{
    /// <summary>Why a process gets no signal; null where it may.</summary>
    public static FreeRefusal? Of(DiagnosisContext context, FreeRights rights, ProcessRecord process)
    {
        var caller = context.Snapshot.Caller;
        var name = ProcessNames.Short(process);
        if (process.Id <= 1)
        {
            var way = EndSignal.Of(process).IsNothing ? ": end it from the host, or restart the container."
                : RemedyCommand.Of(context, "end-process") is { } command ? $"; to end it yourself: {command}" : ".";
            return new() { Reason = "pid-1", Text = $"{name} is the first process of the system or container, and is never ended{way}" };
        }
        if (process.Id == caller.ProcessId)
            return new() { Reason = "self", Text = CallersOwn.LeftAlone(context, process) };
        if (caller.AncestorIds.Contains(process.Id))
        {
            var advised = Shells.Are(process) && RemedyCommand.Of(context, CallersOwn.CloseInShell) is { } close
                ? $"; to close the socket in it: {close}" : ".";
            return new()
            {
                Reason = "ancestor",
                Text = $"{name} is the shell, session or job that this command runs in, and is never ended{advised}",
            };
        }
        if (Supervisors.ServeSeveral(process))
            return new() { Reason = "service-manager", Text = $"{name} is a service manager, and is never ended." };
        if (VirtualMachines.Are(process))
            return new()
            {
                Reason = "virtual-machine",
                Text = $"{name} is a virtual machine, and a signal would be a power cut for its guest: shut that down from inside.",
            };
        if (process.UserId is { } user && user == caller.UserId)
            return null;
        var owner = process.UserName ?? (process.UserId is { } id ? "uid " + Wording.Number(id) : "unknown");
        if (caller.UserId == 0 && rights.MayEndOthers)
            return null;
        var text = caller.UserId != 0 ? $"{name} belongs to another user ({owner}), and only that user or root may end it."
            : $"{name} belongs to another user ({owner}): bindwise free {context.Question} --yes ends it as root.";
        return new() { Reason = "other-user", Text = text };
    }
}

/// <summary>The command that the remedies name for something.</summary>
internal static class RemedyCommand
{
    /// <summary>The end of a sentence: the command, or a stop, and what there is to do by hand.</summary>
    public static string End(DiagnosisContext context, params ReadOnlySpan<string> ids)
    {
        var advised = With(context, ids);
        return advised.Find(static one => one.Command is not null) is { } remedy ? ": " + remedy.Command
            : advised is [{ Text: var text }, ..] ? ". " + text : ".";
    }

    /// <summary>That of the first remedy with one of these ids; null for none.</summary>
    public static string? Of(DiagnosisContext context, params ReadOnlySpan<string> ids) =>
        With(context, ids).Find(static one => one.Command is not null)?.Command;

    private static List<Remedy> With(DiagnosisContext context, params ReadOnlySpan<string> ids)
    {
        var found = new List<Remedy>();
        foreach (var remedy in context.Cause == Cause.PortsExhausted ? context.Topic.Remedies(context) : RemedyFinder.Release(context))
        {
            if (ids.Contains(remedy.Id))
                found.Add(remedy);
        }
        return found;
    }
}
