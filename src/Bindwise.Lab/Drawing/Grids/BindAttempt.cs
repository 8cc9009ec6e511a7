using Bindwise.Lab.Recording;

namespace Bindwise.Lab.Drawing.Grids;

/// <summary>A bind() while others were bound.</summary>
/// <param name="Socket">Who tried: options and address.</param>
/// <param name="Holders">Who was in the way, or, where nobody is named, who was bound.</param>
/// <param name="Result">What it gave, or the listen() after it.</param>
/// <param name="IsListen">The result is that of listen().</param>
internal sealed record BindAttempt(Protocol Protocol, string Socket, IReadOnlyList<string> Holders, StepResult Result, bool IsListen)
{
    public static IEnumerable<BindAttempt> In(Record record)
    {
        var sockets = new Dictionary<string, Facts>(StringComparer.Ordinal);
        var attempts = new List<BindAttempt>();
        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var played in record.Steps)
        {
            if (played.Step is not SocketStep { Socket: var name })
                continue;
            var isOk = played.Result.Result == StepResult.Ok;
            var facts = sockets.GetValueOrDefault(name);
            switch (played.Step)
            {
                case OpenStep open when isOk:
                    sockets[name] = new Facts(open);
                    break;
                case SetStep set when isOk && facts is not null && set.Value.Number != 0 && Word(set.Option) is { } word:
                    facts.Options.Add(word);
                    break;
                case BindStep bind when facts is not null:
                    facts.Address = new IpEndpoint(bind.Address, bind.Port);
                    last[name] = attempts.Count;
                    attempts.Add(new BindAttempt(facts.Protocol, facts.ToString(), InTheWay(sockets, name, facts.Protocol, played.Result),
                        played.Result, false));
                    facts.IsBound = isOk;
                    break;
                case ListenStep when facts is not null:
                    facts.IsListening = isOk;
                    if (last.TryGetValue(name, out var own))
                        attempts[own] = attempts[own] with { Socket = facts.ToString(), Result = played.Result, IsListen = !isOk };
                    break;
                case CloseStep or AbortStep when isOk:
                    sockets.Remove(name);
                    break;
            }
        }
        return attempts;
    }

    // Those that the rules name; where they name none (the kernel does not) whoever is bound.
    private static List<string> InTheWay(Dictionary<string, Facts> sockets, string but, Protocol protocol, StepResult result)
    {
        var bound = new List<string>();
        var named = new List<string>();
        foreach (var (name, facts) in sockets)
        {
            if (name == but || !facts.IsBound || facts.Protocol != protocol)
                continue;
            bound.Add(facts.ToString());
            if (!result.Blockers.IsDefault && result.Blockers.Contains(name))
                named.Add(facts.ToString());
        }
        return named.Count > 0 ? named : bound;
    }

    private static string? Word(SocketOption option) => option switch
    {
        SocketOption.ReuseAddress => "reuseaddr",
        SocketOption.ReusePort => "reuseport",
        SocketOption.V6Only => "v6only",
        _ => null,
    };

    private sealed class Facts(OpenStep open)
    {
        public Protocol Protocol => open.Protocol;

        public List<string> Options { get; } = [];
        public IpEndpoint Address { get; set; }
        public bool IsBound { get; set; }
        public bool IsListening { get; set; }

        public override string ToString()
        {
            var user = open.User is { } id ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $" user {id}") : "";
            var options = Options.Count > 0 ? " " + string.Join(' ', Options) : "";
            return $"{Address}{options}{user}{(IsListening ? " listening" : "")}";
        }
    }
}
