using Bindwise.Lab.Generating.Templates;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Generating.Emitting;

/// <summary>close, abort, shutdown, disconnect.</summary>
internal static class CloseSteps
{
    public static void Play(StepEmitter director, ConnectionEndTemplate part)
    {
        if (director.Cast.Pick(part.Pair, static actor => actor.IsConnected) is not { } first)
            return;
        var second = first.Peer;
        foreach (var (isPeer, ending) in part.Endings)
        {
            if ((isPeer ? second : first) is { } actor)
                Play(director, actor.Name, ending);
        }
    }

    public static void Play(StepEmitter director, SocketEndTemplate end)
    {
        var actor = (end.IsListener ? director.Cast.Pick(end.Who, static actor => actor.IsListening) : null) ?? director.Cast.Pick(end.Who, static _ => true);
        if (actor is not null)
            Play(director, actor.Name, end.Ending);
    }

    /// <summary>Ends a socket one way.</summary>
    public static void Play(StepEmitter director, string name, CloseWay ending)
    {
        Step step = ending switch
        {
            CloseWay.Close => new CloseStep(name),
            CloseWay.Abort => new AbortStep(name),
            CloseWay.ShutWrite => new ShutdownStep(name, ShutdownHow.Write),
            CloseWay.ShutRead => new ShutdownStep(name, ShutdownHow.Read),
            CloseWay.ShutBoth => new ShutdownStep(name, ShutdownHow.Both),
            _ => new DisconnectStep(name),
        };
        if (!director.Try(step) || director.Cast.Find(name) is not { } actor)
            return;
        if (ending is CloseWay.Close or CloseWay.Abort)
            director.Cast.Leave(name);
        else if (actor.IsListening && ending != CloseWay.ShutWrite)
            actor.IsListening = false;
        else if (ending == CloseWay.Disconnect)
            actor.IsConnected = false;
    }
}
