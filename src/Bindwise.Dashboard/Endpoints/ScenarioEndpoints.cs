using System.Text.Json;
using Bindwise.Dashboard.Answers;
using Bindwise.Dashboard.Serving;
using Bindwise.Lab.Catalogue;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Rendering.Claims;
using Bindwise.Rendering.Json;

namespace Bindwise.Dashboard.Endpoints;

/// <summary><c>/api/v1/scenarios</c>: what the lab can play; the programs of articles first, then the claims.</summary>
internal static class ScenarioEndpoints
{
    private const string Fields =
        "\"name\":{\"type\":\"string\"},\"kind\":{\"enum\":[\"program\",\"claim\"]},\"title\":{\"type\":\"string\"}";

    private static readonly Lazy<List<Listed>> Catalogue = new(static () =>
    [
        .. ScenarioCatalogue.Programs.Select(static name => Listed.OfProgram(name, ScenarioCatalogue.ProgramText(name)!)),
        .. ScenarioCatalogue.Claims.Select(static name => Listed.OfClaim(name, ScenarioCatalogue.ClaimText(name)!)),
    ]);

    /// <summary>All of them, without their texts.</summary>
    public static ApiRoute List { get; } = new("GET", "/api/v1/scenarios", "The scenarios that the lab can play.",
        static (context, _) => JsonAnswer.WriteObjectAsync(context, static writer =>
            writer.WriteList("scenarios", Catalogue.Value, one => Write(writer, one, hasText: false))))
    {
        Answer = AnswerSchemas.Object("\"scenarios\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{" + Fields + "}}}"),
    };

    public static ApiRoute One { get; } = new("GET", "/api/v1/scenarios/{name}",
        "A scenario, as a .bind text; of a claim also its cases, each a scenario of its own.",
        static (context, _) =>
        {
            var name = context.Request.RouteValues["name"] as string;
            var found = Catalogue.Value.Find(one => one.Name == name)
                ?? throw new ProblemException(Problem.NotFound, $"there is no scenario {name}");
            return JsonAnswer.WriteObjectAsync(context, writer => Write(writer, found, hasText: true));
        })
    {
        Parameters = [new("name", "The scenario's name.", IsRequired: true)],
        Answer = "{\"type\":\"object\",\"properties\":{" + Fields + """
            ,"text":{"type":"string"},"cases":{"type":"array","items":{"type":"object","properties":{
            "name":{"type":"string"},"when":{"type":"string"},"text":{"type":"string"}}}}}}
            """,
        Problems = [404],
    };

    private static void Write(Utf8JsonWriter writer, Listed one, bool hasText)
    {
        writer.WriteText("name", one.Name);
        writer.WriteText("kind", one.Kind);
        writer.WriteText("title", one.Title);
        if (!hasText)
            return;
        writer.WriteText("text", one.Text);
        writer.WriteList("cases", one.Cases, part =>
        {
            writer.WriteText("name", part.Name);
            writer.WriteText("when", part.When);
            writer.WriteText("text", part.Text);
        });
    }

    private sealed record Listed(string Name, string Kind, string Title, string Text, ImmutableArray<ClaimCase> Cases)
    {
        public static Listed OfProgram(string name, string text) => new(name, "program", ListedProgram.TitleOf(text), text, []);

        public static Listed OfClaim(string name, string text)
        {
            var claim = ClaimText.Parse(text).Claim!;
            return new(name, "claim", claim.Says, text, claim.Cases);
        }
    }
}
