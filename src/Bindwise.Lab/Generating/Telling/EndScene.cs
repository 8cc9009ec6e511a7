using Bindwise.Lab.Generating.Drawing;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Generating.Telling;

/// <summary>close, abort, shutdown, disconnect.</summary>
internal static class EndScene
{
    public static void Play(Director director, Part part)
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

    public static void Play(Director director, End end)
    {
        var actor = (end.IsListener ? director.Cast.Pick(end.Who, static actor => actor.IsListening) : null) ?? director.Cast.Pick(end.Who, static _ => true);
        if (actor is not null)
            Play(director, actor.Name, end.Ending);
    }

    /// <summary>Ends a socket one way.</summary>
    public static void Play(Director director, string name, Ending ending)
    {
        Step step = ending switch
        {
            Ending.Close => new CloseStep(name),
            Ending.Abort => new AbortStep(name),
            Ending.ShutWrite => new ShutdownStep(name, ShutdownHow.Write),
            Ending.ShutRead => new ShutdownStep(name, ShutdownHow.Read),
            Ending.ShutBoth => new ShutdownStep(name, ShutdownHow.Both),
            _ => new DisconnectStep(name),
        };
        if (!director.Try(step) || director.Cast.Find(name) is not { } actor)
            return;
        if (ending is Ending.Close or Ending.Abort)
            director.Cast.Leave(name);
        else if (actor.IsListening && ending != Ending.ShutWrite)
            actor.IsListening = false;
        else if (ending == Ending.Disconnect)
            actor.IsConnected = false;
    }
}
