using Bindwise.Lab.Generating.Drawing;
using Bindwise.Model.Addresses;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Generating.Telling;

/// <summary>One call on any socket, in whatever state it is; now and then on a name without one.</summary>
internal static class PokeScene
{
    private const int Bytes = 10;

    public static void Play(Director director, Poke poke)
    {
        var name = poke.IsAnyName ? Cast.AnyName(poke.Who) : director.Cast.Pick(poke.Who, static _ => true)?.Name ?? Cast.AnyName(poke.Who);
        // Without a socket of the name every step gives ENOSOCK; it is told as one of a stranger.
        var actor = director.Cast.Find(name) ?? new Actor(name, Protocol.Tcp, isIPv6: poke.Way % 2 == 0);
        switch (poke.Call)
        {
            case Call.Bind:
                ServerScene.Bind(director, actor, poke.Spot);
                break;
            case Call.Listen:
                ServerScene.Listen(director, actor);
                break;
            case Call.Connect:
                ClientScene.Connect(director, actor, ClientScene.Target(director, poke.Way, actor.Protocol), poke.Way, poke.Odd);
                break;
            case Call.Accept:
                if (actor is { IsListening: false } or { Waiting.Count: > 0 } || director.TryWaitInVain())
                    ClientScene.Accept(director, actor, poke.Way);
                break;
            case Call.Send:
                director.Try(new SendStep(name, Bytes));
                break;
            case Call.Receive:
                TalkScene.Receive(director, actor, Bytes);
                break;
            case Call.End:
                EndScene.Play(director, name, poke.Ending);
                break;
        }
    }
}
