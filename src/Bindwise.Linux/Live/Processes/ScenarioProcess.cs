using System.Globalization;
using Bindwise.Linux.Native;
using Bindwise.Model.Scenarios;

namespace Bindwise.Linux.Live.Processes;

/// <summary>
/// A process of a scenario, from within: it plays the steps that it is told, in the network namespace that it was started in, and ends
/// with who started it, by a signal, or by exit. Started by <see cref="ScenarioProcessHandle"/> alone.
/// </summary>
public static class ScenarioProcess
{
    /// <summary>The verb that makes this program an actor; the player's process id follows.</summary>
    public const string Verb = "lab-actor";

    /// <summary>Plays until the other end of descriptor 0 is gone.</summary>
    /// <param name="player">The player's process id.</param>
    /// <returns>False when nobody started it as an actor.</returns>
    public static bool Run(string player)
    {
        SignalCall.Restore(SignalCall.Interrupt);
        SignalCall.Restore(SignalCall.Terminate);
        ParentDeathCall.DieWithParent();
        if (ParentDeathCall.Parent().ToString(CultureInfo.InvariantCulture) != player)
            return false;
        using var channel = new SafeFileDescriptor(0);
        try
        {
            using var pool = LivePool.Open();
            using var host = pool.LeaseHome();
            if (ScenarioProcessMessage.Send(channel, $"{ScenarioProcessMessage.Result}{StepResult.Ok}"))
                Serve(channel, host);
        }
        catch (LiveUnavailableException exception)
        {
            ScenarioProcessMessage.Send(channel, ScenarioProcessMessage.Lack + exception.Message);
        }
        return true;
    }

    private static void Serve(SafeFileDescriptor channel, LiveHost host)
    {
        while (ScenarioProcessMessage.Receive(channel) is { } message)
        {
            if (!ScenarioProcessMessage.Send(channel, Answer(host, message)))
                return;
            // Forgotten by the kernel when a step was another user's.
            ParentDeathCall.DieWithParent();
        }
    }

    private static string Answer(LiveHost host, string message)
    {
        try
        {
            if (message[0] == ScenarioProcessMessage.Descriptor)
                return string.Create(CultureInfo.InvariantCulture, $"{ScenarioProcessMessage.Result}{host.DescriptorOf(message[1..])}");
            var step = ScenarioProcessMessage.StepOf(message) ?? throw new LiveUnavailableException("an actor got a message that is not a step");
            if (step is ExitStep)
                ParentDeathCall.Exit(0);
            return ScenarioProcessMessage.Result + host.Play(step).Result;
        }
        catch (Exception exception) when (exception is LiveUnavailableException or UnplayableStepException)
        {
            return ScenarioProcessMessage.Lack + exception.Message;
        }
    }
}
