using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing.Remarks;

/// <summary>What is unusual about the program that holds the port, said only where it is true of it.</summary>
internal static class HolderWarnings
{
    /// <summary>So many restarts are no accident.</summary>
    private const int ManyRestarts = 3;

    public static IEnumerable<Remark> Of(DiagnosisContext f)
    {
        if (f.Verdict == Verdict.Free || f.Main is not { Owners: [var owner, ..] } main || main.Socket.State is not (TcpState.Listen or TcpState.Close) || main.Kernel is not null)
            yield break;
        var name = ProcessNames.Plain(owner.Process);
        var origin = owner.StartedFrom;
        var isDevelopment = origin is { Tool.Kind: ToolKind.Runner or ToolKind.Watcher } or { Editor: not null };
        if (main.Socket is { Local.Address.IsAny: true, DeviceIndex: 0 } && (isDevelopment || (IsLocalhost(f) && origin?.ProjectFolder is not null)))
            yield return new Remark("wildcard", $"{name} listens on every address, so other machines on the network can reach it; localhost would keep it to this one.");
        if (owner.Process is { UserId: 0, Container: null } && (isDevelopment || (origin?.ProjectFolder is not null && ScriptNames.Of(owner.Process) is not null)))
            yield return new Remark("runs-as-root", $"{name} runs as root.");
        if (owner.Process.ExecutableDeleted)
            yield return new Remark("executable-deleted", $"The executable of {name} was deleted or replaced after it started, so a restart may run another version.");
        if (owner.Process.Restarts is >= ManyRestarts and var restarts)
            yield return new Remark("restarted-often", $"{name} has been restarted {Wording.Number(restarts)} times.");
    }

    /// <summary>Asked about localhost alone, while the holder is on every address.</summary>
    private static bool IsLocalhost(DiagnosisContext f) => f.Target.Host == "localhost" || f.Target.Address is { IsLoopback: true };
}
