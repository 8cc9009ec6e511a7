using Bindwise.Linux.Processes;
using Bindwise.Model.Scenarios;

namespace Bindwise.Linux.Live.Processes;

/// <summary>
/// A process of a scenario, from within: it plays the steps that it is told, in the network namespace that it was started in, and ends with
/// who started it, by a signal, or by exit. Started by <see cref="ScenarioProcessHandle"/> alone.
/// </summary>
internal static class ScenarioProcess
{
    /// <summary>The verb that makes this program a process of a scenario; the player's process id follows.</summary>
    public const string Verb = "lab-actor";

    /// <summary>Plays until the other end of descriptor 0 is gone.</summary>
    /// <returns>False when nobody started it as one.</returns>
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
            ScenarioProcessMessage.Send(channel, ScenarioProcessMessage.Unavailable + exception.Message);
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
            var step = ScenarioProcessMessage.StepOf(message)
                ?? throw new LiveUnavailableException("a process of the scenario got a message that is not a step");
            if (step is ExitStep)
                ParentDeathCall.Exit(0);
            return ScenarioProcessMessage.Result + host.Play(step).Result;
        }
        catch (UnplayableException exception)
        {
            return ScenarioProcessMessage.Unavailable + exception.Message;
        }
    }
}

/// <summary>What passes between the player and a process of a scenario: one message a request, one an answer.</summary>
internal static class ScenarioProcessMessage
{
    /// <summary>Longer than any: a step with two names of the longest kind.</summary>
    internal const int MaximumBytes = 64 * 1024;

    /// <summary>Asks for a socket's descriptor: its name follows.</summary>
    internal const char Descriptor = '#';

    /// <summary>An answer that is a result follows.</summary>
    internal const char Result = '=';

    /// <summary>Why there is none follows.</summary>
    internal const char Unavailable = '!';

    internal static string Of(Step step) => ScenarioJson.Write(new Scenario("", [step]));

    /// <summary>The step of a message; null for any other.</summary>
    internal static Step? StepOf(string message) => ScenarioJson.Parse(message).Scenario?.Steps is [var step] ? step : null;

    /// <summary>Sends a message; false when nobody is there to read it.</summary>
    internal static bool Send(SafeFileDescriptor channel, string message) =>
        SendCall.Send(channel, Encoding.UTF8.GetBytes(message), default) == Errno.None;

    /// <summary>Waits for a message; null when the other end is gone.</summary>
    internal static string? Receive(SafeFileDescriptor channel)
    {
        Span<byte> buffer = stackalloc byte[MaximumBytes];
        return ReceiveCall.Receive(channel, buffer, waits: true, out var length) == Errno.None && length > 0
            ? Encoding.UTF8.GetString(buffer[..length]) : null;
    }
}

/// <summary>The program that is started as a process of a scenario: this one once more, with <see cref="ScenarioProcess.Verb"/>.</summary>
internal static class ScenarioProcessProgram
{
    private static volatile bool s_isHere;

    /// <summary>This program knows the verb: it starts itself.</summary>
    public static void IsHere() => s_isHere = true;

    /// <summary>Its file and arguments, its own name first.</summary>
    /// <exception cref="LiveUnavailableException">This program is another, and no bindwise stands beside it.</exception>
    internal static (string Path, string[] Arguments) Find()
    {
        if (s_isHere)
            return (OwnProgram.File, OwnProgram.Words);
        var beside = Path.Combine(AppContext.BaseDirectory, OwnProgram.Name);
        if (File.Exists(beside))
            return (beside, [OwnProgram.Name]);
        if (OwnProgram.IsRuntime && File.Exists(beside + ".dll"))
            return (OwnProgram.File, OwnProgram.WordsOf(beside + ".dll"));
        throw new LiveUnavailableException(
            $"a scenario's processes are run by the program {OwnProgram.Name}, which is missing next to this one ("
                + $"{AppContext.BaseDirectory})");
    }

    /// <summary>Its environment: this one's, but no runtime that leaves a socket in /tmp when it is killed.</summary>
    internal static List<string> Environs() => OwnProgram.Environs(static _ => true);
}
