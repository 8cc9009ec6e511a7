using Bindwise.Lab.Generating.Templates;
using Bindwise.Model.Addresses;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Generating.Emitting;

/// <summary>One call on any socket, in whatever state it is; now and then on a name without one.</summary>
internal static class ArbitraryCallSteps
{
    private const int Bytes = 10;

    public static void Play(StepEmitter director, ArbitraryCallTemplate poke)
    {
        var name = poke.IsAnyName ? OpenSockets.AnyName(poke.Who) : director.Cast.Pick(poke.Who, static _ => true)?.Name ?? OpenSockets.AnyName(poke.Who);
        // Without a socket of the name every step gives ENOSOCK; it is told as one of a stranger.
        var actor = director.Cast.Find(name) ?? new OpenSocket(name, Protocol.Tcp, isIPv6: poke.Way % 2 == 0);
        switch (poke.Call)
        {
            case ArbitraryCall.Bind:
                ServerSteps.Bind(director, actor, poke.Spot);
                break;
            case ArbitraryCall.Listen:
                ServerSteps.Listen(director, actor);
                break;
            case ArbitraryCall.Connect:
                ClientSteps.Connect(director, actor, ClientSteps.Target(director, poke.Way, actor.Protocol), poke.Way, poke.Odd);
                break;
            case ArbitraryCall.Accept:
                if (actor is { IsListening: false } or { Waiting.Count: > 0 } || director.TryWaitInVain())
                    ClientSteps.Accept(director, actor, poke.Way);
                break;
            case ArbitraryCall.Send:
                director.Try(new SendStep(name, Bytes));
                break;
            case ArbitraryCall.Receive:
                TransferSteps.Receive(director, actor, Bytes);
                break;
            case ArbitraryCall.End:
                CloseSteps.Play(director, name, poke.Ending);
                break;
        }
    }
}
