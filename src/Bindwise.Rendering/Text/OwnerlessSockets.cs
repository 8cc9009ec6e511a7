using Bindwise.Model.Diagnosing;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;
using Bindwise.Rendering.Sockets;
using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>Sockets behind which no process stands, called what they are, and those whose process could not be seen.</summary>
internal static class OwnerlessSockets
{
    public static IEnumerable<Paragraph> Describe(Diagnosis diagnosis)
    {
        var moments = new Moments(diagnosis.TakenAt);
        foreach (var group in diagnosis.Blockers.GroupBy(blocker => blocker.Kernel?.Label))
        {
            if (group.First().Kernel is { } kernel)
                yield return OfKernel(kernel);
        }
        var ownerless = diagnosis.Blockers.Where(blocker => blocker.Owners.Length == 0 && blocker.Kernel is null).Select(blocker => blocker.Socket).ToList();
        foreach (var group in ownerless.Where(socket => socket.IsWithoutProcess).GroupBy(SocketText.State))
            yield return new Paragraph().Add(Kept(diagnosis, [.. group], group.Key, moments));
        foreach (var group in ownerless.Where(socket => !socket.IsWithoutProcess).GroupBy(socket => (State: SocketText.State(socket), socket.UserId)))
            yield return new Paragraph().Add(Unseen([.. group], group.Key.State, group.Key.UserId));
    }

    private static Paragraph OfKernel(KernelOwner kernel)
    {
        var text = new Paragraph();
        if (kernel.Kind != KernelServiceKind.Other)
            text.Add("the kernel: ");
        text.Add(TextRole.Name, kernel.Label).Add("; no process holds it");
        if (kernel.Source.Length > 0)
            text.AddFact("told by ").Add(TextRole.Dim, kernel.Source);
        if (kernel.Handler is { } handler)
            text.AddFact("served by ").Add(TextRole.Dim, handler);
        return text;
    }

    private static string Kept(Diagnosis diagnosis, List<HeldSocket> sockets, string state, Moments moments)
    {
        if (sockets[0].State is TcpState.Listen or TcpState.Bound or TcpState.Close)
            return Invariant($"no process: the kernel itself holds {sockets.Count} {state}");
        var text = Invariant($"no process: the kernel keeps {HeldRows.Count(diagnosis, sockets)} {state}");
        if (!sockets.TrueForAll(socket => socket.MillisecondsLeft is not null))
            return text;
        var end = diagnosis.FreeAt ?? moments.After(sockets.Max(socket => socket.MillisecondsLeft.GetValueOrDefault()));
        return $"{text} until {moments.Until(end)}";
    }

    private static string Unseen(List<HeldSocket> sockets, string state, uint? userId) => Invariant($"not seen: the process that holds {sockets.Count} {state}{(userId is { } id ? $" of uid {id}" : "")}{Inodes(sockets)}");

    private static string Inodes(List<HeldSocket> sockets) => sockets is [{ Inode: > 0 } only]
        ? Invariant($" (inode {only.Inode})")
        : "";
}
