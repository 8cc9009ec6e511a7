using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Bindwise.Cli.Tests;

/// <summary>Addresses of the site: the player with a scenario, and pages.</summary>
public sealed class LabPlayTests : IDisposable
{
    private const string Site = "https://example.org/bindwise/";
    private const string Scenario = "# two servers\na = tcp 127.0.0.1:8080 listen -> ok\nb = tcp 127.0.0.1:8080 -> EADDRINUSE  # 已占用\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("bindwise-play-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(Site)]
    [InlineData("https://example.org/bindwise")]
    [InlineData("https://example.org/bindwise//")]
    public void Play_OfAFile_IsTheAddressThatHoldsItsText(string site)
    {
        var run = Bindwise.Run("lab", "play", FileOf(Scenario), "--site", site);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith(Site + "play/index.html#", run.Output, StringComparison.Ordinal);
        Assert.Equal(Scenario, TextIn(run.Output));
        // Letters stand for themselves: spelled as \u0000 they would take six times the room.
        Assert.InRange(run.Output.Length - Site.Length, 0, 60 + Encoding.UTF8.GetByteCount(Scenario) * 4 / 3);
    }

    [Fact]
    public void Play_OfAProgram_IsItsText() =>
        Assert.Contains("meter", TextIn(Bindwise.Run("lab", "play", "time-wait-meter", "--site", Site).Output), StringComparison.Ordinal);

    [Fact]
    public void Play_OfJson_IsABindText() =>
        Assert.Equal("a = tcp 127.0.0.1:80\n", TextIn(Bindwise.RunWith("""{"steps":[{"op":"open","socket":"a"},{"op":"bind","socket":"a","address":"127.0.0.1","port":80}]}"""u8.ToArray(), [], "lab", "play", "-", "--site", Site).Output));

    [Fact]
    public void Play_OfAFaultyScenario_SaysWhere()
    {
        var file = FileOf("a = tcp 127.0.0.1:8080 lisen\n");
        var run = Bindwise.Run("lab", "play", file, "--site", Site);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"bindwise: {file}:1:24: step 0: found \"lisen\"", run.OneError, StringComparison.Ordinal);
    }

    [Fact]
    public void Play_OfSeveralScenarios_TakesOneAtATime() =>
        Assert.Equal("bindwise: standard input holds 2 scenarios; give one at a time",
            Bindwise.RunWith("{\"steps\":[]}\n{\"steps\":[]}\n"u8.ToArray(), [], "lab", "play", "-", "--site", Site).OneError);

    [Fact]
    public void Play_OfALongScenario_DoesNotFitAnAddress()
    {
        var file = FileOf(new string('#', 70_000));
        Assert.Equal($"bindwise: {file} is larger than 64 KiB, too long for an address: paste it into the player", Bindwise.Run("lab", "play", file, "--site", Site).OneError);
    }

    [Theory]
    [InlineData("TIME_WAIT", "terms/time-wait.html")]
    [InlineData("time-wait", "causes/time-wait.html")]
    [InlineData("bw004", "rules/BW004.html")]
    [InlineData("ephemeral port", "terms/ephemeral-port.html")]
    public void Explain_Open_IsTheAddressOfThePage(string word, string page)
    {
        var run = Bindwise.Run(["explain", "--open", .. word.Split(' '), "--site", Site]);
        Assert.Equal((0, "", Site + page + "\n"), (run.ExitCode, run.Errors, run.Output));
    }

    private string FileOf(string text)
    {
        var file = Path.Combine(_folder, "scenario.bind");
        File.WriteAllText(file, text);
        return file;
    }

    private static string TextIn(string address)
    {
        using var state = JsonDocument.Parse(Base64Url.DecodeFromChars(address.AsSpan(address.IndexOf('#', StringComparison.Ordinal) + 1).TrimEnd('\n')));
        Assert.Equal(1, state.RootElement.GetProperty("v").GetInt32());
        return state.RootElement.GetProperty("text").GetString()!;
    }
}
