//! An embedded Salesforce org.
