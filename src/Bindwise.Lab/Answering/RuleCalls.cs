using System.Buffers;
using System.Text.Json;
using Bindwise.Lab.Drawing.States;
using Bindwise.Lab.Matrices;
using Bindwise.Lab.Playing;
using Bindwise.Model.Platforms.Matrices;
using Bindwise.Rendering.Explaining;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Matrices;

namespace Bindwise.Lab.Answering;

/// <summary>The rules themselves: on which systems and releases, which two sockets share a port, and what a word means.</summary>
internal static class RuleCalls
{
    // Any that needs no privilege and that no system gives out by itself.
    private const ushort PortOfCells = 8080;

    // Before each page: a form feed, which no page has, and its path without the ending.
    private const char PageMark = '\f';

    /// <summary>By whose rules can be played: the systems, and the releases of Linux at which an answer may change.</summary>
    public static void About(IBufferWriter<byte> output)
    {
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WriteList("systems", PlatformProfiles.All, platform =>
        {
            writer.WriteText("id", platform.Id);
            writer.WriteText("name", platform.Name);
        });
        writer.WriteTexts("kernels", KernelRelease.Played
            .Concat(KernelChanges.All.Select(static change => change.Since).OfType<KernelRelease>()).Distinct().Order()
            .Select(static release => release.ToString()));
        writer.WriteText("release", KernelRelease.Documented.ToString());
        writer.WritePropertyName("figure");
        FigureJson.Write(writer);
        writer.WriteEndObject();
    }

    /// <param name="kernel">The release of Linux; null for the documented one. Other systems have none.</param>
    public static PlatformProfile Chosen(string? kernel, string? system)
    {
        var platform = system is null ? PlatformProfiles.Linux
            : ChosenRules.Platform(system, out var noSystem) ?? throw new BadInputException(noSystem!);
        return platform is LinuxProfile && Release(kernel) is { } release ? new LinuxProfile(release) : platform;
    }

    /// <summary>What <c>matrix --json</c> prints.</summary>
    /// <param name="kernel">The release of Linux; null for the documented one.</param>
    public static void Matrix(IBufferWriter<byte> output, MatrixQuestion question, string? kernel, CancellationToken cancellation = default)
    {
        var platforms = question.Platforms(Release(kernel), out var fault);
        if (fault is not null)
            throw new BadInputException(fault);
        var plan = question.Plan(platforms);
        if (plan.Value is not { } asked)
            throw new BadInputException(plan.Error!);
        var cells = ImmutableArray.CreateBuilder<MatrixCell>();
        foreach (var platform in platforms)
        {
            for (var setting = 0; setting < asked.SettingCount; setting++)
            {
                cancellation.ThrowIfCancellationRequested();
                cells.AddRange(asked.CellsOf(platform, setting));
            }
        }
        MatrixJson.Write(output, platforms, cells.ToImmutable(), null);
    }

    /// <summary>A cell of a matrix as a scenario to play; without expectations, which would be those of one system.</summary>
    /// <param name="first">The socket that is there, in the words of --first.</param>
    /// <param name="second">The socket that asks, in the words of --second.</param>
    public static void CellScenario(IBufferWriter<byte> output, string first, string second)
    {
        var (held, asking) = (Socket(first, "--first"), Socket(second, "--second"));
        var cell = MatrixCell.Of(PlatformProfiles.Linux, held, asking);
        if (!MatrixScenario.CanPlay(cell))
            throw new BadInputException("no scenario has this cell: its addresses, port or options are not those of the lab's namespaces");
        var scenario = MatrixScenario.Of(cell, PortOfCells);
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WriteText("text", BindText.Write(scenario with { Steps = scenario.Steps.RemoveAll(static step => step is ExpectStep) }));
        writer.WriteEndObject();
    }

    /// <summary>The pages that eng/browser put into one file, for <see cref="Explain"/>.</summary>
    public static PageStore PagesOf(byte[] file)
    {
        var pages = Encoding.UTF8.GetString(file).Split(PageMark, StringSplitOptions.RemoveEmptyEntries)
            .Select(static part => (Path: part[..part.IndexOf('\n', StringComparison.Ordinal)], Part: part)).ToList();
        return PageStore.Of(folder => pages.Where(page => page.Path.StartsWith(folder + "/", StringComparison.Ordinal))
            .Select(page => (page.Path[(folder.Length + 1)..], page.Part[(page.Path.Length + 1)..])));
    }

    /// <summary>What <c>explain --json</c> prints of a word.</summary>
    public static void Explain(IBufferWriter<byte> output, string word, PageStore pages)
    {
        if (pages.Find(word) is not { } page)
        {
            var isUnknown = PlatformRuleText.Find(word) is null;
            throw new BadInputException(isUnknown ? pages.WhyNot(word) : PageStore.TextAlone(word, "--json"), isUnknown);
        }
        SubjectPageJson.Write(output, page);
    }

    private static KernelRelease? Release(string? kernel) =>
        kernel is null ? null : ChosenRules.Kernel(kernel, out var fault) ?? throw new BadInputException(fault!);

    private static MatrixSocket Socket(string text, string option)
    {
        var read = MatrixSpec.Read(text);
        return read.Value ?? throw new BadInputException($"{option}: {read.Error}");
    }
}

/// <summary>
/// The connection state diagram of RFC 9293 as numbers, on the cells of <see cref="StateFigure"/>: the page draws it with the states of the
/// moment.
/// </summary>
internal static class FigureJson
{
    public static void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("columns", StateFigure.Columns);
        writer.WriteNumber("rows", StateFigure.Rows);
        writer.WriteNumber("boxColumns", StateFigure.BoxColumns);
        writer.WriteList("boxes", StateFigure.Boxes, box =>
        {
            writer.WriteString("state", StateFigure.Name(box.Node));
            writer.WriteNumber("column", box.Column);
            writer.WriteNumber("row", box.Row);
            writer.WriteNumber("height", box.Height);
        });
        writer.WriteList("edges", StateFigure.Edges, edge => WriteEdge(writer, edge));
        writer.WriteEndObject();
    }

    private static void WriteEdge(Utf8JsonWriter writer, StateEdge edge)
    {
        writer.WriteString("from", StateFigure.Name(edge.From));
        writer.WriteString("to", StateFigure.Name(edge.To));
        writer.WriteStartArray("points");
        foreach (var point in edge.Points)
            WriteCell(writer, point);
        writer.WriteEndArray();
        writer.WriteString("text", edge.Text);
        writer.WritePropertyName("place");
        WriteCell(writer, edge.Place);
        writer.WriteBoolean("before", edge.IsBefore);
    }

    private static void WriteCell(Utf8JsonWriter writer, Cell cell)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(cell.Column);
        writer.WriteNumberValue(cell.Row);
        writer.WriteEndArray();
    }
}
