using System.Text;
using System.Text.RegularExpressions;

namespace Bindwise.Kernel.Tests.Isolation;

/// <summary>What a program that ended left.</summary>
/// <param name="Command">The command, for messages.</param>
/// <param name="ExitCode">The exit code; 128 and more for a signal.</param>
/// <param name="OutputBytes">Standard output as it came.</param>
/// <param name="Error">Standard error.</param>
internal sealed partial record Outcome(string Command, int ExitCode, byte[] OutputBytes, string Error)
{
    /// <summary>Standard output as text.</summary>
    public string Output => Encoding.UTF8.GetString(OutputBytes);

    /// <summary>The same in one line, without colours: where a terminal's lines break does not matter.</summary>
    public string Flat => string.Join(' ', Colour().Replace(Output, "").Split((char[])[' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));

    /// <inheritdoc/>
    public override string ToString() =>
        $"$ {Command}\nexit code {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Error}\n--- {Environment.OSVersion}";

    [GeneratedRegex("\e\\[[0-9;]*m")]
    private static partial Regex Colour();
}
