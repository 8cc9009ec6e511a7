using System.Text;
using Bindwise.Linux.Native;
using Bindwise.Model.Scenarios;

namespace Bindwise.Linux.Live.Processes;

/// <summary>What passes between the player and an actor: one message a request, one an answer.</summary>
internal static class ScenarioProcessMessage
{
    /// <summary>Longer than any: a step with two names of the longest kind.</summary>
    internal const int MaximumBytes = 64 * 1024;

    /// <summary>Asks for a socket's descriptor: its name follows.</summary>
    internal const char Descriptor = '#';

    /// <summary>An answer that is a result follows.</summary>
    internal const char Result = '=';

    /// <summary>Why there is none follows.</summary>
    internal const char Lack = '!';

    /// <summary>A step as a message.</summary>
    internal static string Of(Step step) => ScenarioJson.Write(new Scenario("", [step]));

    /// <summary>The step of a message; null for any other.</summary>
    internal static Step? StepOf(string message) => ScenarioJson.Parse(message).Scenario?.Steps is [var step] ? step : null;

    /// <summary>Sends a message; false when nobody is there to read it.</summary>
    internal static bool Send(SafeFileDescriptor channel, string message) => SendCall.Send(channel, Encoding.UTF8.GetBytes(message), default) == Errno.None;

    /// <summary>Waits for a message; null when the other end is gone.</summary>
    internal static string? Receive(SafeFileDescriptor channel)
    {
        Span<byte> buffer = stackalloc byte[MaximumBytes];
        return ReceiveCall.Receive(channel, buffer, waits: true, out var length) == Errno.None && length > 0 ? Encoding.UTF8.GetString(buffer[..length]) : null;
    }
}
