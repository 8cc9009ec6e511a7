namespace Bindwise.Planning.Formats.Proxies;

/// <param name="Module">The outermost block: http, stream, mail.</param>
/// <param name="IsOwn">The address has a socket of its own, whatever wildcard there is.</param>
internal sealed record NginxListen(PlanLocation Location, string Module, string Text, BindRequest Bind, int Count, bool IsOwn,
    bool IsForBrowsers)
{
    /// <summary>Whether both name one socket, alone or in a range of ports.</summary>
    public bool Overlaps(NginxListen other) =>
        (Bind.Protocol, Bind.Address, Bind.Path) == (other.Bind.Protocol, other.Bind.Address, other.Bind.Path)
        && Bind.Port < other.Bind.Port + other.Count && other.Bind.Port < Bind.Port + Count;
}

/// <summary>
/// A socket of nginx, or those of ports in a row: of each address and port one, whichever lines name it, alone or in a range.
/// </summary>
/// <param name="Listens">The lines that name it; not empty.</param>
internal sealed record NginxSocket(PortRange Ports, List<NginxListen> Listens)
{
    /// <summary>More ranges are told as they stand: each costs as much as it has ports.</summary>
    private const int MostRanges = 256;

    public NginxListen First => Listens[0];

    private bool IsBeyond { get; init; }

    private IEnumerable<int> Numbers => Enumerable.Range(Ports.First, Ports.Last - Ports.First + 1);

    /// <summary>Those that one nginx opens for its lines: next to a wildcard none for the single addresses of its port.</summary>
    public static IEnumerable<(NginxSocket Socket, PortRange Ports)> Of(IEnumerable<NginxListen> listens)
    {
        var ranges = 0;
        var sockets = new List<NginxSocket>();
        foreach (var address in listens.GroupBy(static one => (one.Module, one.Bind.Protocol, one.Bind.Address, one.Bind.Path)))
            sockets.AddRange(OfAddress(address, ref ranges));
        var wildcards = sockets.Where(static one => one is { IsBeyond: false, First.Bind: { Path: null, Address.IsAny: true } })
            .SelectMany(static one => one.Numbers.Select(port =>
                (one.First.Module, one.First.Bind.Protocol, one.First.Bind.Address.Family, port))).ToHashSet();
        foreach (var socket in sockets)
        {
            var (module, bind) = (socket.First.Module, socket.First.Bind);
            var isOwn = socket.IsBeyond || bind.Address.IsAny || bind.Path is not null || socket.Listens.Exists(static one => one.IsOwn);
            foreach (var ports in isOwn ? [socket.Ports] : Runs(socket.Numbers.Where(port =>
                !wildcards.Contains((module, bind.Protocol, bind.Address.Family, port)))))
                yield return (socket, ports);
        }
    }

    private static List<NginxSocket> OfAddress(IEnumerable<NginxListen> listens, ref int ranges)
    {
        var sockets = new List<NginxSocket>();
        var owners = new Dictionary<int, NginxSocket>();
        foreach (var listen in listens)
        {
            var last = listen.Bind.Port + listen.Count - 1;
            if (listen.Count > 1 && ++ranges > MostRanges)
            {
                sockets.Add(new NginxSocket(new PortRange(listen.Bind.Port, last), [listen]) { IsBeyond = true });
                continue;
            }
            for (int port = listen.Bind.Port, end; port <= last; port = end + 1)
            {
                if (owners.TryGetValue(port, out var owner))
                {
                    if (!ReferenceEquals(owner.Listens[^1], listen))
                        owner.Listens.Add(listen);
                    end = owner.Ports.Last;
                    continue;
                }
                end = port;
                while (end < last && !owners.ContainsKey(end + 1))
                    end++;
                var socket = new NginxSocket(new PortRange(port, end), [listen]);
                foreach (var number in socket.Numbers)
                    owners[number] = socket;
                sockets.Add(socket);
            }
        }
        return sockets;
    }

    /// <summary>Numbers in order as ranges without gaps.</summary>
    private static List<PortRange> Runs(IEnumerable<int> numbers)
    {
        var runs = new List<PortRange>();
        foreach (var number in numbers)
        {
            if (runs.Count > 0 && runs[^1].Last == number - 1)
                runs[^1] = new PortRange(runs[^1].First, number);
            else
                runs.Add(new PortRange(number, number));
        }
        return runs;
    }
}
