//! The journeys that join images, evidence and policy.
