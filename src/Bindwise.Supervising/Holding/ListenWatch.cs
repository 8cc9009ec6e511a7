namespace Bindwise.Supervising.Holding;

/// <summary>
/// Tells at once when a listening socket listens no longer: its state is shared by whoever has it, and then poll(2) says POLLHUP of it.
/// Connections that come wake nobody here, as no other event is asked for (epoll_ctl(2)).
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class ListenWatch : IDisposable
{
    private readonly SafeFileDescriptor? _epoll;

    internal ListenWatch()
    {
        // Without a descriptor to spare it goes unnoticed, as it would without a supervisor.
        if (EpollCall.Open(out var epoll) == Errno.None)
            _epoll = epoll;
        else
            epoll.Dispose();
    }

    /// <summary>Is readable as long as one of them does not listen.</summary>
    internal int? Number => _epoll?.Number;

    internal void Add(SafeFileDescriptor listener)
    {
        if (_epoll is not null)
            _ = EpollCall.Add(_epoll, listener.Number, 0, 0);
    }

    /// <summary>Watches one no longer. Comes before it is closed: as long as the program has it, it would stay registered.</summary>
    internal void Remove(SafeFileDescriptor listener)
    {
        if (_epoll is not null)
            _ = EpollCall.Remove(_epoll, listener.Number);
    }

    public void Dispose() => _epoll?.Dispose();
}
