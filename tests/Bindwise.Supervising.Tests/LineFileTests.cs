using System.IO.Pipes;
using System.Text;
using Bindwise.Linux.Native;

namespace Bindwise.Supervising.Tests;

/// <summary>Lines for a stream that is not read.</summary>
public sealed class LineFileTests
{
    // Ends only what hangs.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(100)]
    [InlineData(10_000)]
    public async Task Lines_ForAFullPipe_AreLostAndHoldNobodyUp(int length)
    {
        using var pipe = new AnonymousPipeServerStream(PipeDirection.In);
        var client = new SafeFileDescriptor((int)pipe.ClientSafePipeHandle.DangerousGetHandle());
        Assert.Equal(Errno.None, DuplicateDescriptor.Copy(client, 0, out var copy));
        client.SetHandleAsInvalid();
        using var output = copy;
        using var stream = new SharedStream(output);
        var file = new LineFile(stream);
        await Task.Run(() =>
        {
            for (var line = 0; line < 3000; line++)
                file.Write(Line(line, length));
        }).WaitAsync(Limit);

        // What was begun comes to its end.
        var text = new StringBuilder();
        var room = new byte[4096];
        var last = -1;
        while (last < 0)
        {
            text.Append(Encoding.ASCII.GetString(room, 0, await pipe.ReadAsync(room).AsTask().WaitAsync(Limit)));
            file.Write(Line(3000, length));
            var lines = text.ToString().Split('\n')[..^1];
            Assert.All(lines, one => Assert.Equal(length, one.Length + 1));
            last = Array.IndexOf(lines, Encoding.ASCII.GetString(Line(3000, length)).TrimEnd('\n'));
        }
        // Whoever has it too waits as before.
        var flags = (await File.ReadAllLinesAsync($"/proc/self/fdinfo/{output.Number}")).Single(static line => line.StartsWith("flags:", StringComparison.Ordinal));
        Assert.Equal(0, Convert.ToInt32(flags.Split('\t')[1], 8) & FileFlagsCall.NonBlocking);
    }

    private static byte[] Line(int number, int length) => Encoding.ASCII.GetBytes($"{number}".PadRight(length - 1, '.') + "\n");
}
