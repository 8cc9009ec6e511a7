using System.Text.Json.Nodes;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Situations;

/// <summary>A saved snapshot gives the same answer, byte for byte, elsewhere, and says that it is one.</summary>
public sealed class SnapshotTests
{
    [KernelTheory]
    [InlineData("hold.py", "tcp 0.0.0.0 8080 listen", "8080", "")]
    [InlineData("hold.py", "tcp 0.0.0.0 8080 listen", "8080", "--json")]
    [InlineData("hold.py", "tcp 0.0.0.0 8080 listen", "localhost:8080", "--verbose")]
    [InlineData("hold.py", "tcp 127.0.0.1 9000 listen", "8080", "--json")]
    [InlineData("prefork.py", "5 share tcp :: 8080 listen", "8080", "")]
    [InlineData("connect.py", "tcp 0.0.0.0 8080 then server.close client.close listener.close", "8080", "")]
    [InlineData("connect.py", "tcp 0.0.0.0 8080 then server.close client.close listener.close", "8080", "--json")]
    [InlineData("hostile_name.py", "8080", "8080", "--json")]
    [InlineData("hostile_name.py", "8080", "8080", "")]
    [InlineData("hold.py", "udp 0.0.0.0 8080", "8080/udp", "--verbose")]
    [InlineData("hold.py", "unix @bindwise-test listen", "@bindwise-test", "--json")]
    [Trait("Lane", "second")]
    public async Task Why_FromItsOwnSnapshot_AnswersTheSameBytes(string script, string words, string target, string option)
    {
        await using var host = await TestHost.OpenAsync();
        await host.StartScriptAsync(script, words);
        await using var elsewhere = await TestHost.OpenAsync();
        var file = Path.Combine(host.Folder, "snapshot.json");
        var options = option.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var live = await host.RunAsync([Programs.Bindwise, "why", target, "--save-snapshot", file, .. options]);
        var here = await host.RunAsync([Programs.Bindwise, "why", "--snapshot", file, .. options]);
        var again = await elsewhere.RunAsync([Programs.Bindwise, "why", "--snapshot", file, .. options]);
        Assert.True(here.OutputBytes.Length > 0 && here.OutputBytes.AsSpan().SequenceEqual(again.OutputBytes), $"{here}\n=== from the snapshot\n{again}");
        Assert.True(HasSameAnswer(live.Output, again.Output, option == "--json") && again.Output.Contains("From a snapshot taken at", StringComparison.Ordinal),
            $"{live}\n=== from the snapshot\n{again}");
        Assert.Equal(live.ExitCode, again.ExitCode);
    }

    // The replay's date, and what acts on processes of then, are the only differences.
    internal static bool HasSameAnswer(string live, string again, bool isJson) => isJson
        ? live.Split('\n').Select(WithoutWhatIsOfNow).SequenceEqual(again.Split('\n').Select(WithoutWhatIsOfNow))
        : live.Split('\n')[0] == again.Split('\n')[0];

    private static string WithoutWhatIsOfNow(string line)
    {
        if (line.Length == 0)
            return line;
        var document = JsonNode.Parse(line)!.AsObject();
        document.Remove("remedies");
        var limits = document["limits"]!.AsArray();
        if (limits is [{ } first, ..] && (string)first["id"]! == "from-snapshot")
            limits.RemoveAt(0);
        return document.ToJsonString();
    }

    [KernelFact]
    public async Task Why_SnapshotCutOff_IsOneLineAndExitCode2()
    {
        await using var host = await TestHost.OpenAsync();
        var file = Path.Combine(host.Folder, "snapshot.json");
        await host.RunAsync(Programs.Bindwise, "why", "8080", "--save-snapshot", file);
        var whole = await File.ReadAllBytesAsync(file);
        await File.WriteAllBytesAsync(file, whole[..(whole.Length / 2)]);
        var outcome = await host.RunAsync(Programs.Bindwise, "why", "--snapshot", file);
        Assert.True(outcome is { ExitCode: 2, OutputBytes.Length: 0 } && outcome.Error.Trim().Split('\n').Length == 1, outcome.ToString());
    }
}
