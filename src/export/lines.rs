//! JSON that a person can scroll through: objects over several lines, lists of numbers on one.

use std::io::{Result, Write};

use serde_json::ser::Formatter;

/// Objects nested deeper than this stay on one line.
const DEEPEST_BROKEN: usize = 4;
/// Depth of the elements of a list in the outermost object; each starts a line.
const ELEMENT: usize = 3;

#[derive(Default)]
pub struct Lines {
    /// Lists and objects that are open.
    depth: usize,
    /// Whether the list in the outermost object has elements on lines of their own.
    broken: bool,
}

impl Lines {
    fn new_line(&self, writer: &mut (impl Write + ?Sized), depth: usize) -> Result<()> {
        writer.write_all(b"\n")?;
        (0..depth).try_for_each(|_| writer.write_all(b"  "))
    }
}

impl Formatter for Lines {
    fn begin_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> Result<()> {
        self.depth += 1;
        if self.depth + 1 == ELEMENT {
            self.broken = false;
        }
        writer.write_all(b"[")
    }

    fn end_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> Result<()> {
        self.depth -= 1;
        if self.depth + 2 == ELEMENT && self.broken {
            self.new_line(writer, self.depth)?;
        }
        writer.write_all(b"]")
    }

    fn begin_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> Result<()> {
        if self.depth + 1 == ELEMENT {
            self.broken = true;
            self.new_line(writer, self.depth)?;
        }
        self.depth += 1;
        writer.write_all(b"{")
    }

    fn end_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> Result<()> {
        self.depth -= 1;
        if self.depth < DEEPEST_BROKEN {
            self.new_line(writer, self.depth)?;
        }
        writer.write_all(b"}")
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        if self.depth <= DEEPEST_BROKEN {
            self.new_line(writer, self.depth)
        } else if first {
            Ok(())
        } else {
            writer.write_all(b" ")
        }
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_of_numbers_stay_on_one_line() {
        let value = json!({"a": [1, 2], "b": [{"c": {"d": [{"e": 1, "f": 2}, 3]}}, {"c": []}], "g": []});
        let mut text = Vec::new();
        value.serialize(&mut serde_json::Serializer::with_formatter(&mut text, Lines::default())).unwrap();
        let expected = r#"{
  "a": [1,2],
  "b": [
    {
      "c": {
        "d": [{"e": 1, "f": 2},3]
      }
    },
    {
      "c": []
    }
  ],
  "g": []
}"#;
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
}
