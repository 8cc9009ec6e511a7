using System.Text.Json;
using Bindwise.Model.Scenarios.Words;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios.Json;

/// <summary>Reads one document, field by field as they come. Each method that reads gives false once there is a fault.</summary>
internal ref struct JsonScenarioReader
{
    private const string TopLevel = """{"name":"…","steps":[…]}""";

    private readonly JsonStepFields _fields = new();
    private readonly ScenarioMeter _meter = new();
    private readonly ImmutableArray<Step>.Builder _steps = ImmutableArray.CreateBuilder<Step>();
    private Utf8JsonReader _reader;
    private string? _name;
    private string? _platform;
    private bool _hasSteps;
    private bool _inSteps;

    /// <param name="utf8">The document, valid UTF-8.</param>
    public JsonScenarioReader(ReadOnlySpan<byte> utf8) => _reader = new Utf8JsonReader(utf8);

    /// <summary>The scenario's name, as far as it was read.</summary>
    public readonly string Name => _name ?? "";

    /// <summary>The scenario; without meaning after a fault.</summary>
    public readonly Scenario Scenario => new(Name, _steps.DrainToImmutable()) { Platform = _platform ?? ScenarioRules.Linux };

    public string? Wrong { get; private set; }

    /// <summary>The byte of the fault, from 0.</summary>
    public int WrongAt { get; private set; }

    /// <summary>The index of the step that is at fault; null outside of the steps.</summary>
    public readonly int? WrongStep => _inSteps ? _steps.Count : null;

    /// <summary>The byte up to which the document was read.</summary>
    public readonly int Consumed => (int)_reader.BytesConsumed;

    private readonly int Here => (int)_reader.TokenStartIndex;

    /// <exception cref="JsonException">It is no JSON.</exception>
    public bool Read()
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartObject)
            return Refuse($"a scenario is an object, not {Slot().Shown}; write {TopLevel}");
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!ReadField())
                return false;
        }
        if (!_hasSteps)
            return Refuse($"the scenario has no steps; write {TopLevel}");
        // Anything but blanks after the document throws here.
        return !_reader.Read();
    }

    private bool ReadField()
    {
        var at = Here;
        if (!TryText(out var field))
            return false;
        if (field is "name" && _name is null)
            return ReadText(field, NameRules.OfScenario, out _name);
        if (field is "platform" && _platform is null)
            return ReadText(field, ScenarioRules.OfPlatform, out _platform);
        if (field is "steps" && !_hasSteps)
            return ReadSteps();
        return Refuse(field is "name" or "platform" or "steps"
            ? $"the scenario has {field} twice; leave one out"
            : $"a scenario has no field {Fault.Quote(field)}{Nearest.Hint(field, ["name", "platform", "steps"])}", at);
    }

    private bool ReadText(string field, Func<string, string?> check, out string? text)
    {
        text = null;
        _reader.Read();
        if (_reader.TokenType == JsonTokenType.Null)
            return true;
        if (_reader.TokenType != JsonTokenType.String)
            return Refuse($"{field} must be a string, not {Slot().Shown}");
        if (!TryText(out text))
            return false;
        return check(text) is not { } fault || Refuse(fault);
    }

    private bool ReadSteps()
    {
        _hasSteps = true;
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartArray)
            return Refuse($"steps must be a list, not {Slot().Shown}; write {TopLevel}");
        _inSteps = true;
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (!ReadStep())
                return false;
        }
        _inSteps = false;
        return true;
    }

    private bool ReadStep()
    {
        var start = Here;
        if (ReadStep(_fields, isAttempt: false) is not { } step)
            return false;
        if (_meter.Add(step) is { } excess)
            return Refuse(excess, start);
        _steps.Add(step);
        return true;
    }

    // Null once there is a fault.
    private Step? ReadStep(JsonStepFields fields, bool isAttempt)
    {
        var start = Here;
        if (_reader.TokenType != JsonTokenType.StartObject)
            return RefuseStep($"""a step is an object, not {Slot().Shown}; write {JsonStepForm.All[0].Example}""", start);
        fields.Clear();
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!ReadStepField(fields, isAttempt))
                return null;
        }
        if (!fields.Has(JsonField.Op))
            return RefuseStep($"the step has no op; known are {string.Join(", ", JsonStepForm.Ops)}", start);
        var form = JsonStepForm.Find(fields.Text(JsonField.Op));
        if (form is null)
            return RefuseStep($"op {fields.Slot(JsonField.Op).Shown} is not known"
                + $"{Nearest.Hint(fields.Text(JsonField.Op), JsonStepForm.Ops)}", fields.Slot(JsonField.Op).At);
        if (FieldFault(fields, form) is { } fault)
            return RefuseStep(fault.What, fault.At < 0 ? start : fault.At);
        var step = form.Build(fields);
        return fields.Wrong is { } wrong ? RefuseStep(wrong, fields.WrongAt) : step;
    }

    private bool ReadStepField(JsonStepFields fields, bool isAttempt)
    {
        var at = Here;
        // As it stands, and if it is none of the known ones so, without its escapes.
        if (!JsonFieldNames.TryFind(_reader.ValueSpan, out var field))
        {
            if (!TryText(out var name))
                return false;
            if (!JsonFieldNames.TryFind(Encoding.UTF8.GetBytes(name), out field))
                return Refuse($"no step has a field {Fault.Quote(name)}{Nearest.Hint(name, JsonFieldNames.All)}", at);
        }
        _reader.Read();
        var slot = Slot();
        if (Wrong is not null)
            return false;
        if (field == JsonField.Attempt && slot.Kind == JsonTokenType.StartObject && isAttempt)
            return Refuse(StepRules.NotTried("retry"));
        if (field == JsonField.Attempt && slot.Kind == JsonTokenType.StartObject)
            return (!fields.Has(field) || Refuse("the step has attempt twice; leave one out", at)) && ReadAttempt(fields)
                && fields.Add(field, slot);
        if (slot.Kind is JsonTokenType.StartArray or JsonTokenType.StartObject
            || (field == JsonField.Op && slot.Kind != JsonTokenType.String))
            return Refuse($"{JsonFieldNames.Of(field)} cannot be {slot.Shown}");
        return fields.Add(field, slot) || Refuse($"the step has {JsonFieldNames.Of(field)} twice; leave one out", at);
    }

    private bool ReadAttempt(JsonStepFields fields)
    {
        var start = Here;
        if (ReadStep(new JsonStepFields(), isAttempt: true) is not { } attempt)
            return false;
        if (StepRules.OfAttempt(attempt) is { } fault)
            return Refuse(fault, start);
        fields.Attempt = (SocketStep)attempt;
        return true;
    }

    private Step? RefuseStep(string fault, int at)
    {
        Refuse(fault, at);
        return null;
    }

    // A field that is missing, or that this kind of step does not have.
    private static (string What, int At)? FieldFault(JsonStepFields fields, JsonStepForm form)
    {
        if (form.Fits(fields.Present))
            return null;
        foreach (var field in form.Required)
        {
            if (!fields.Has(field))
                return ($"{form.Op} has no {JsonFieldNames.Of(field)}; write {form.Example}", -1);
        }
        for (var field = JsonField.Socket; (int)field < JsonFieldNames.Count; field++)
        {
            if (!fields.Has(field) || form.Required.Contains(field) || form.Optional.Contains(field))
                continue;
            var why = field == JsonField.Backlog && form.Op == "listen" ? "it is always 128, leave it out"
                : "it takes " + string.Join(", ", form.Required.AddRange(form.Optional).Select(JsonFieldNames.Of));
            return ($"{form.Op} takes no {JsonFieldNames.Of(field)}; {why}", fields.Slot(field).At);
        }
        return null;
    }

    private JsonSlot Slot()
    {
        var kind = _reader.TokenType;
        var (text, number) = ((string?)null, 0m);
        if (kind == JsonTokenType.String)
            _ = TryText(out text);
        else if (kind == JsonTokenType.Number && !_reader.TryGetDecimal(out number))
            text = Encoding.UTF8.GetString(_reader.ValueSpan);
        return new JsonSlot(kind, text, number, Here);
    }

    // A text may hold half of a surrogate pair as \ud800, which no string can be made of.
    private bool TryText(out string text)
    {
        try
        {
            text = _reader.GetString() ?? "";
            return true;
        }
        catch (InvalidOperationException)
        {
            text = "";
            return Refuse("a text holds half of a surrogate pair, which is not a character; remove it");
        }
    }

    private bool Refuse(string fault) => Refuse(fault, Here);

    private bool Refuse(string fault, int at)
    {
        Wrong ??= fault;
        WrongAt = at;
        return false;
    }
}
