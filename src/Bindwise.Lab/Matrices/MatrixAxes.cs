using Bindwise.Model.Platforms;
using Bindwise.Model.Platforms.Matrices;

namespace Bindwise.Lab.Matrices;

/// <summary>What all sockets of a grid have in common, as the options say it.</summary>
internal sealed class MatrixAxes
{
    /// <summary>More would fit on no page.</summary>
    public const int MostAddresses = 16;

    private readonly Protocol _protocol;
    private readonly PlatformState _held;
    private readonly bool _listens;
    private readonly bool _isOther;

    public MatrixAxes(bool isUdp, string state, bool listens, string? user)
    {
        _protocol = isUdp ? Protocol.Udp : Protocol.Tcp;
        this._listens = listens;
        _isOther = user == "other";
        if (user is not (null or "same" or "other"))
            Fault = $"--user takes same or other, not {user}";
        if (MatrixWords.StateOf(state) is { } found)
            _held = found;
        else
            Fault = $"--state {state} is not a state: give {string.Join(", ", MatrixWords.AllStates)}";
        if (isUdp && (listens || _held is PlatformState.Listening or PlatformState.TimeWait))
            Fault = "UDP has no listen and no TIME_WAIT";
    }

    public string? Fault { get; }

    public MatrixSocket First(MatrixSocket place) => place with { Protocol = _protocol, State = _held };

    /// <summary>The socket that asks, at an address.</summary>
    public MatrixSocket Second(MatrixSocket place) =>
        place with { Protocol = _protocol, Listens = _listens, User = _isOther ? MatrixSocket.OtherUser : MatrixSocket.OrdinaryUser };

    /// <summary>The options of a word as <c>none</c> or <c>reuseaddr+reuseport</c>; null where one is none.</summary>
    public static MatrixOptions? OptionsOf(string text)
    {
        if (text == "none")
            return MatrixOptions.None;
        var all = MatrixOptions.None;
        foreach (var word in text.Split('+'))
        {
            if (MatrixWords.OptionOf(word) is not MatrixOptions.None and var option)
                all |= option;
            else
                return null;
        }
        return all;
    }
}
