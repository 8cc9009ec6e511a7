using Bindwise.Model.Addresses;

namespace Bindwise.Model.Scenarios.Text;

/// <summary>
/// What kind of socket each name stood for last, as far as a file says: it decides the family, and for <c>c = connect a</c> the protocol,
/// where they are left out. Reader and writer use it alike.
/// </summary>
internal sealed class BindSockets
{
    private readonly Dictionary<string, (Protocol Protocol, IpFamily Family)> _kinds = [];

    /// <summary>Takes in a step.</summary>
    public void Learn(Step step)
    {
        if (step is OpenStep open)
            _kinds[open.Socket] = (open.Protocol, open.Family);
        else if (step is AcceptStep accept)
            _kinds[accept.As] = _kinds.TryGetValue(accept.Socket, out var kind) ? kind : (Protocol.Tcp, IpFamily.IPv4);
    }

    /// <summary>The protocol of <c>c = connect …</c>: that of the socket to connect to, TCP if it is not known.</summary>
    public Protocol ProtocolToward(ConnectStep connect) =>
        connect.To is { } to && _kinds.TryGetValue(to, out var kind) ? kind.Protocol : Protocol.Tcp;

    /// <summary>The family of a new socket: that of the first address that it is bound or connected to, or of the socket; IPv4 if there is none.</summary>
    public IpFamily FamilyFor(IEnumerable<Step> steps) => steps.FirstOrDefault(static step => step is BindStep or ConnectStep) switch
    {
        BindStep bind => bind.Address.Family,
        ConnectStep { To: { } to } => _kinds.TryGetValue(to, out var kind) ? kind.Family : IpFamily.IPv4,
        ConnectStep connect => connect.Address.Family,
        _ => IpFamily.IPv4,
    };
}
