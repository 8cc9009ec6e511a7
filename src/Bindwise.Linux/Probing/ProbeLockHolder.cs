using System.Globalization;
using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Linux.Processes;
using Bindwise.Linux.SockDiag;

namespace Bindwise.Linux.Probing;

/// <summary>
/// Says who did not let go of the lock: another run of bindwise does so within milliseconds, so it is a
/// program that squats its name, or one that was stopped.
/// </summary>
internal static class ProbeLockHolder
{
    internal static string Describe(Protocol protocol, ushort port, Func<uint, string?> userName)
    {
        var name = ProbeLock.NameOf(protocol, port);
        return $"{Holder(name, userName)} the lock by which runs of bindwise take turns (@{name}) and did not let go of it, so this run "
            + "probed without it";
    }

    private static string Holder(string name, Func<uint, string?> userName)
    {
        var sockets = new List<HeldSocket>();
        if (SockDiagClient.TryOpen(out var table) != Errno.None)
            return "something holds";
        using (table)
        {
            if (!table!.ReadUnix(Encoding.ASCII.GetBytes('\0' + name), default, sockets).IsComplete)
                return "something holds";
        }
        if (sockets.Find(static s => s.SocketType == SocketCall.TypeDatagram) is not { } socket)
            return "no socket holds, but the kernel or a policy refuses";
        var user = socket.UserId is not { } id ? "an unknown user" : $"user {userName(id) ?? id.ToString(CultureInfo.InvariantCulture)}";
        // Nobody but root sees into the processes of others, and a wider search for nothing takes its time.
        var own = EffectiveIds.User();
        var holder = own == 0 || own == socket.UserId ? OwnerSearch.Find([socket.Inode]).Holders.FirstOrDefault() : null;
        return holder is not null && new ProcessReader(userName).Read(holder.ProcessId) is { } process
            ? string.Create(CultureInfo.InvariantCulture, $"process {process.Id} ({process.Name}) of {user} holds")
            : $"a program of {user} holds";
    }
}
