
namespace Bindwise.Lab.Generating.Emitting;

/// <summary>The sockets that are open, by their names.</summary>
internal sealed class OpenSockets
{
    private static readonly string[] Names = ["a", "b", "c", "d", "e", "f", "g", "h"];

    private readonly List<OpenSocket> _open = [];

    /// <summary>A name that is not open; null when all are.</summary>
    public string? FreeName(int ordinal)
    {
        for (var tries = 0; tries < Names.Length; tries++)
        {
            // Two of three times the first free one, so that a closed name is soon used again.
            var name = Names[((ordinal % 3 == 0 ? ordinal / 3 : 0) + tries) % Names.Length];
            if (Find(name) is null)
                return name;
        }
        return null;
    }

    /// <summary>Any name, open or not.</summary>
    public static string AnyName(int ordinal) => Names[ordinal % Names.Length];

    /// <summary>The socket of a name; null when none is open.</summary>
    public OpenSocket? Find(string name) => _open.Find(actor => actor.Name == name);

    /// <summary>One of the sockets that are so; null when none is.</summary>
    public OpenSocket? Pick(int ordinal, Func<OpenSocket, bool> isSo)
    {
        var count = 0;
        foreach (var actor in _open)
            count += isSo(actor) ? 1 : 0;
        if (count == 0)
            return null;
        var left = ordinal % count;
        foreach (var actor in _open)
        {
            if (isSo(actor) && left-- == 0)
                return actor;
        }
        return null;
    }

    /// <summary>A new socket, in place of the one that had its name.</summary>
    public void Enter(OpenSocket actor)
    {
        Leave(actor.Name);
        _open.Add(actor);
    }

    /// <summary>A socket is closed.</summary>
    public void Leave(string name)
    {
        if (Find(name) is not { } actor)
            return;
        if (actor.Peer is { } peer && peer.Peer == actor)
            peer.Peer = null;
        _open.Remove(actor);
    }
}
