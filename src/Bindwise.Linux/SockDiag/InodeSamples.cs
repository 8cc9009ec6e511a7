namespace Bindwise.Linux.SockDiag;

/// <summary>
/// The inodes of sockets that are counted together, to tell whose they are: all of them while there is room, then every so many. When there
/// is no more room, every second is dropped. A socket that no process holds has none.
/// </summary>
internal struct InodeSamples
{
    internal const int Most = 64;

    private Spread? _spread;

    /// <summary>The first of them; 0 for none.</summary>
    internal uint First { get; private set; }

    internal void Add(uint inode)
    {
        if (inode == 0)
            return;
        if (First == 0)
        {
            First = inode;
            return;
        }
        // Most kinds and destinations have one socket: these need no room for more.
        if (_spread is null)
            (_spread = new Spread()).Add(First);
        _spread.Add(inode);
    }

    internal readonly ImmutableArray<ulong> Read() => _spread is not null ? _spread.Read() : First == 0 ? [] : [First];

    private sealed class Spread
    {
        private readonly uint[] _inodes = new uint[Most];
        private int _count;
        private int _step = 1;
        private int _left;

        internal void Add(uint inode)
        {
            if (_left-- > 0)
                return;
            if (_count == Most)
            {
                for (_count = 0; _count < Most / 2; _count++)
                    _inodes[_count] = _inodes[2 * _count];
                _step *= 2;
            }
            _inodes[_count++] = inode;
            _left = _step - 1;
        }

        internal ImmutableArray<ulong> Read() => [.. _inodes.Take(_count).Select(static inode => (ulong)inode)];
    }
}
