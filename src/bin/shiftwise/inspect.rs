//! `shiftwise inspect`: what a model holds.

use std::collections::BTreeMap;

use shiftwise::quantize::RunsOn;
use shiftwise::report::{ModelReport, TensorInfo};

use crate::args;
use crate::failure::Result;
use crate::load;
use crate::output;

pub fn run(args: &args::Inspect) -> Result<()> {
    let loaded = load::open(&args.model)?;
    let model = loaded.session.model();
    if args.json { output::print_json(model) } else { output::print(&for_people(&loaded.name, model)) }
}

fn for_people(name: &str, model: &ModelReport) -> String {
    let tensors = |tensors: &[TensorInfo]| {
        let each = tensors.iter().map(|tensor| format!("{} {:?}", tensor.name, tensor.shape));
        each.collect::<Vec<_>>().join(", ")
    };
    let producer = if model.producer.is_empty() { String::new() } else { format!(", made by {}", model.producer) };
    let guessed = if model.input_guessed { " (guessed: there is no manifest)" } else { "" };
    let task_guessed = if model.task_guessed { " (guessed: no manifest says it)" } else { "" };
    let problem = model.task_problem.as_ref().map_or(String::new(), |problem| format!("\n         {problem}"));
    let mut text = format!(
        "{} ({name}), opset {}{producer}\ninputs   {}\noutputs  {}\npicture  {}{guessed}\n\
         task     {}{task_guessed}{problem}\n\
         {} layers, {} parameters, {:.1} million multiply-accumulates\n\n",
        model.title,
        model.opset,
        tensors(&model.inputs),
        tensors(&model.outputs),
        picture(model),
        model.task.as_str(),
        model.nodes.len(),
        model.parameters,
        model.macs / 1e6,
    );
    let heading = ["#", "layer", "operator", "output", "parameters", "MACs", "runs on"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for node in &model.nodes {
        let operator = match &node.activation {
            Some(activation) => format!("{} + {activation}", node.label),
            None => node.label.clone(),
        };
        let shape: Vec<String> = node.shape.iter().map(u32::to_string).collect();
        let runs_on = match node.runs_on {
            RunsOn::Npu => "npu",
            RunsOn::HostTail => "host (tail)",
            RunsOn::Fallback => "host (fallback)",
        };
        rows.push(vec![
            node.index.to_string(),
            node.name.clone(),
            operator,
            shape.join("x"),
            node.parameters.to_string(),
            format!("{:.0}", node.macs),
            runs_on.to_owned(),
        ]);
    }
    text.push_str(&output::table(&rows, 4));
    let fallbacks = model.nodes.iter().filter(|node| node.runs_on == RunsOn::Fallback).count();
    text.push_str(&format!("\nfloat fallbacks: {fallbacks}\nsimplified: {}\n", simplified(model)));
    text
}

/// How pictures are prepared, in words.
fn picture(model: &ModelReport) -> String {
    use shiftwise::manifest::ResizeSpec;
    let input = &model.input;
    let resize = match input.resize {
        ResizeSpec::ShorterSide { size } => format!("shorter side to {size}"),
        ResizeSpec::Stretch { size: [width, height] } => format!("stretched to {width}x{height}"),
    };
    let crop = input.crop.map_or(String::new(), |[width, height]| format!(", centre {width}x{height}"));
    let channels = format!("{:?}", input.channels).to_lowercase();
    format!("{channels}, {resize}{crop}, minus {:?}, over {:?}", input.mean, input.std)
}

/// How often each graph pass did something.
fn simplified(model: &ModelReport) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for note in &model.passes {
        *counts.entry(&note.pass).or_default() += 1;
    }
    let counts: Vec<String> = counts.iter().map(|(pass, count)| format!("{pass} {count}x")).collect();
    if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") }
}
